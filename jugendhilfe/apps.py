from django.apps import AppConfig


class JugendhilfeConfig(AppConfig):
    """The wiring: home page, reports that join several apps, commands for the whole installation."""

    name = "jugendhilfe"
    verbose_name = "Sozialraumbudget"
