from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "jugendhilfe.accounts"
    label = "accounts"
    verbose_name = "Konten"
