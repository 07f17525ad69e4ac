"""Who may do what: the matrix of roles and permissions. docs/permissions.md is checked against it."""

from collections.abc import Mapping
from types import MappingProxyType

from django.db import models


class Role(models.TextChoices):
    PLANNING = "planning", "Jugendhilfeplanung"
    FINANCE = "finance", "Fachcontrolling / Finanzen"
    HEAD = "head", "Fachdienstleitung"
    COORDINATION = "coordination", "Regionalkoordination"
    BOARD_READER = "board_reader", "Gremium (lesen)"
    CARRIER_LEAD = "carrier_lead", "Träger: Leitung"
    CARRIER_STAFF = "carrier_staff", "Träger: Mitarbeit"
    MUNICIPALITY = "municipality", "Gemeinde / Samtgemeinde"
    CASE_STEERING = "case_steering", "Fallsteuerung"
    AUDIT = "audit", "Rechnungsprüfung"
    SYSTEM = "system", "Systemverwaltung"


class Reach(models.TextChoices):
    """What a role is given for."""

    COUNTY = "county", "gesamter Landkreis"
    REGION = "region", "eine Region"
    CARRIER = "carrier", "ein Träger"
    SPACE = "space", "ein Sozialraum"


REACH: Mapping[str, Reach] = MappingProxyType(
    {
        Role.PLANNING: Reach.COUNTY,
        Role.FINANCE: Reach.COUNTY,
        Role.HEAD: Reach.COUNTY,
        Role.COORDINATION: Reach.REGION,
        Role.BOARD_READER: Reach.REGION,
        Role.CARRIER_LEAD: Reach.CARRIER,
        Role.CARRIER_STAFF: Reach.CARRIER,
        Role.MUNICIPALITY: Reach.SPACE,
        Role.CASE_STEERING: Reach.COUNTY,
        Role.AUDIT: Reach.COUNTY,
        Role.SYSTEM: Reach.COUNTY,
    }
)

# Roles with money, votes, cases or audit work only once a second person has confirmed them.
NEEDS_SECOND_PERSON = frozenset({Role.FINANCE, Role.HEAD, Role.CASE_STEERING, Role.AUDIT})

PERMISSIONS: Mapping[str, str] = MappingProxyType(
    {
        "view_region": "die Arbeitsseiten einer Region sehen",
        "view_drafts": "Entwürfe sehen, die noch nicht beschlossen sind",
        "view_contracts": "Verträge der Sozialraumbüros sehen",
        "edit_master_data": "Regionen, Sozialräume, Büros, Träger, Verträge und Bezugsgrößen pflegen",
        "import_indicators": "Indikatoren pflegen und Datenstände einlesen",
        "edit_schemes": "Gewichtungsschemata entwerfen und vorschlagen",
        "adopt_schemes": "Gewichtungsschemata festlegen",
        "edit_budgets": "Haushaltsjahre, Abzüge und bisherige Beträge pflegen",
        "simulate": "Verteilungsmodelle durchrechnen",
        "propose_models": "ein Verteilungsmodell vorschlagen",
        "adopt_models": "ein Verteilungsmodell mit seiner Rechtsgrundlage festlegen",
        "edit_reports": "Berichte erstellen und herausgeben",
        "view_committees": "die Arbeitsseiten aller Gremien sehen",
        "edit_committees": "Gremien, Mitgliedschaften und Bindungen pflegen",
        "write_statements": "Stellungnahmen des Trägers entwerfen",
        "submit_statements": "Stellungnahmen des Trägers abgeben",
        "view_users": "Benutzer und Rollen sehen",
        "edit_users": "Benutzer einladen, Rollen vergeben und entziehen",
        "confirm_roles": "vergebene Rollen als zweite Person bestätigen",
        "view_audit": "das Protokoll sehen",
    }
)

_COUNTY_READING = frozenset({"view_region", "view_drafts", "view_contracts", "view_committees", "simulate"})

ROLE_PERMISSIONS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        Role.PLANNING: _COUNTY_READING
        | {
            "edit_master_data",
            "import_indicators",
            "edit_schemes",
            "propose_models",
            "edit_reports",
            "edit_committees",
        },
        Role.FINANCE: _COUNTY_READING | {"edit_budgets", "propose_models"},
        Role.HEAD: _COUNTY_READING
        | {
            "edit_master_data",
            "adopt_schemes",
            "adopt_models",
            "edit_reports",
            "edit_committees",
            "view_users",
            "confirm_roles",
            "view_audit",
        },
        Role.COORDINATION: frozenset({"view_region", "view_drafts", "view_contracts"}),
        Role.BOARD_READER: frozenset({"view_region", "view_drafts"}),
        Role.CARRIER_LEAD: frozenset({"view_region", "view_contracts", "write_statements", "submit_statements"}),
        Role.CARRIER_STAFF: frozenset({"view_region", "view_contracts", "write_statements"}),
        Role.MUNICIPALITY: frozenset({"view_region", "view_drafts"}),
        Role.CASE_STEERING: frozenset(),
        Role.AUDIT: _COUNTY_READING | {"view_users", "view_audit"},
        Role.SYSTEM: frozenset({"view_users", "edit_users", "confirm_roles"}),
    }
)


def object_permissions(reach: Reach) -> frozenset[str]:
    """The permissions that roles of this reach can give on one row: what guardian may ever store for it."""
    return frozenset().union(*(ROLE_PERMISSIONS[role] for role, its_reach in REACH.items() if its_reach == reach))
