from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "jugendhilfe.audit"
    label = "audit"
    verbose_name = "Protokoll"
