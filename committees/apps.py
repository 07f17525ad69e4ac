from django.apps import AppConfig


class CommitteesConfig(AppConfig):
    name = "committees"
    verbose_name = "Gremien"

    def ready(self) -> None:
        from budgets.services import distributions
        from committees.services.acceptance import decides_nothing

        distributions.objections.append(decides_nothing)
