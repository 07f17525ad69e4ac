"""A county's own start: the first person who may invite others."""

from argparse import ArgumentParser
from typing import Any
from urllib.parse import urljoin, urlsplit

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from jugendhilfe.accounts.models import User
from regions.access import grant
from regions.models import RoleAssignment
from regions.roles import Role
from regions.services.people import invitation_path, invite


class Command(BaseCommand):
    help = "Richtet die erste Systemverwaltung ein und zeigt den Link, mit dem sie ihr Passwort festlegt."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--email", help="E-Mail-Adresse der ersten Systemverwaltung")
        parser.add_argument("--name", help="ihr Anzeigename, zum Beispiel „Systemverwaltung“")
        parser.add_argument(
            "--base-url",
            default="http://localhost:8000",
            help="unter welcher Adresse diese Installation erreichbar ist",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        base_url = options["base_url"]
        if urlsplit(base_url).scheme not in {"http", "https"} or not urlsplit(base_url).netloc:
            raise CommandError(f"{base_url} ist keine vollständige Adresse, zum Beispiel https://sozialraum.example.")
        if RoleAssignment.objects.filter(role=Role.SYSTEM).effective_on(timezone.localdate()).exists():
            raise CommandError("Es gibt schon eine Systemverwaltung. Weitere Personen lädt sie auf „Benutzer“ ein.")
        email = options["email"] or input("E-Mail-Adresse der ersten Systemverwaltung: ").strip()
        name = options["name"] or input("Anzeigename: ").strip()
        user = self._first_administrator(email, name)
        self.stdout.write(f"\n{user} ({user.email}) verwaltet jetzt Benutzer und Rollen.")
        self.stdout.write("Dieser Link gilt drei Tage und nur einmal; mit ihm legt die Person ihr Passwort fest:\n")
        self.stdout.write(f"  {urljoin(base_url, invitation_path(user))}\n")
        self.stdout.write("Danach führt die Seite „Übersicht“ Schritt für Schritt zu den ersten Budgets.")

    @transaction.atomic
    def _first_administrator(self, email: str, name: str) -> User:
        try:
            user = invite(email=email, name=name, organisation="", actor=None)
            grant(user=user, role=Role.SYSTEM, actor=None, reason="Einrichtung")
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        return user
