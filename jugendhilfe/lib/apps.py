from django.apps import AppConfig


class LibConfig(AppConfig):
    name = "jugendhilfe.lib"
    label = "lib"
