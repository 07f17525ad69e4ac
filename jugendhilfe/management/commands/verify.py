"""`manage.py verify`: is everything that must never change still what it was?"""

from itertools import chain
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from budgets.models import AdoptedDistribution, QuotaReview, TransitionPlan
from budgets.verify import verify_distributions, verify_mappings, verify_reviews, verify_transitions
from committees.models import IssuedPaper
from committees.verify import verify_acceptance_rounds, verify_papers, verify_statements, verify_weight_rounds
from indicators.calculation import verify_calculations
from indicators.models import BurdenCalculation, SensitivityRun
from indicators.runs import verify_runs
from jugendhilfe.audit.models import ChainHead, SourceFile
from jugendhilfe.audit.verify import verify_audit_chain, verify_source_files


class Command(BaseCommand):
    help = "Rechnet Protokoll, Dateien, Faktoren, Spannen, Verteilungen und Berichte nach und nennt jede Abweichung."

    def handle(self, *args: Any, **options: Any) -> None:
        differences = 0
        for difference in chain(
            verify_audit_chain(),
            verify_source_files(),
            verify_calculations(),
            verify_runs(),
            verify_distributions(),
            verify_transitions(),
            verify_mappings(),
            verify_reviews(),
            verify_papers(),
            verify_statements(),
            verify_weight_rounds(),
            verify_acceptance_rounds(),
        ):
            differences += 1
            self.stdout.write(difference)
        if differences:
            raise CommandError(f"Abweichungen: {differences}.", returncode=1)
        head = ChainHead.objects.get()
        self.stdout.write(f"Protokoll: {head.number} Einträge, Kopf der Kette {bytes(head.hash).hex()}.")
        self.stdout.write(f"Quelldateien: {SourceFile.objects.count()}.")
        self.stdout.write(f"Berechnungen der Belastungsfaktoren: {BurdenCalculation.objects.count()}.")
        self.stdout.write(f"Unsicherheitsrechnungen: {SensitivityRun.objects.count()}.")
        self.stdout.write(f"Festgelegte Verteilungen: {AdoptedDistribution.objects.count()}.")
        self.stdout.write(f"Übergänge: {TransitionPlan.objects.count()}.")
        self.stdout.write(f"Überprüfungen von Quoten: {QuotaReview.objects.count()}.")
        self.stdout.write(f"Herausgegebene Berichte: {IssuedPaper.objects.count()}.")
        self.stdout.write(self.style.SUCCESS("Alles unverändert und nachgerechnet."))
