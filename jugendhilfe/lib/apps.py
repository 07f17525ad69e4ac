from django.apps import AppConfig


class LibConfig(AppConfig):
    name = "jugendhilfe.lib"
    label = "lib"

    def ready(self) -> None:
        from jugendhilfe.lib import checks  # noqa: F401  registers the checks
