"""The people of the demo, one per role or seat. Their password is shown on the sign-in page, in the demo alone."""

from dataclasses import dataclass

from regions.roles import Role

PASSWORD = "Sozialraum-2026"  # noqa: S105  printed on the sign-in page of the demo


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """`target` names the region by number, the carrier by name or the space by name, as the role's reach asks."""

    account: str
    name: str
    roles: tuple[tuple[Role, str], ...] = ()

    @property
    def email(self) -> str:
        return f"{self.account}@example.org"


PEOPLE = (
    DemoPerson("planung", "Jugendhilfeplanung", ((Role.PLANNING, ""),)),
    DemoPerson("finanzen", "Fachcontrolling", ((Role.FINANCE, ""),)),
    DemoPerson("leitung", "Fachdienstleitung", ((Role.HEAD, ""),)),
    DemoPerson("region1", "Regionalkoordination Region 1", ((Role.COORDINATION, "1"),)),
    DemoPerson("region2", "Regionalkoordination Region 2", ((Role.COORDINATION, "2"),)),
    DemoPerson("region3", "Regionalkoordination Region 3", ((Role.COORDINATION, "3"),)),
    DemoPerson("gremium1", "Regionalgremium Region 1", ((Role.BOARD_READER, "1"),)),
    DemoPerson("gremium2", "Regionalgremium Region 2", ((Role.BOARD_READER, "2"),)),
    DemoPerson(
        "jha",
        "Jugendhilfeausschuss, Mitglied",
        ((Role.BOARD_READER, "1"), (Role.BOARD_READER, "2"), (Role.BOARD_READER, "3")),
    ),
    DemoPerson("traeger-a", "Träger A, Leitung", ((Role.CARRIER_LEAD, "Träger A"),)),
    DemoPerson("traeger-a-team", "Träger A, Mitarbeit", ((Role.CARRIER_STAFF, "Träger A"),)),
    DemoPerson("gemeinde", "Samtgemeinde Dahlenburg", ((Role.MUNICIPALITY, "Dahlenburg"),)),
    DemoPerson("fallsteuerung", "Fallsteuerung", ((Role.CASE_STEERING, ""),)),
    DemoPerson("pruefung", "Rechnungsprüfung", ((Role.AUDIT, ""),)),
    DemoPerson("system", "Systemverwaltung", ((Role.SYSTEM, ""),)),
    DemoPerson("system2", "Systemverwaltung, zweite Person", ((Role.SYSTEM, ""),)),
    # Without a role: what they may do follows from their seat in the working group.
    DemoPerson("vorsitz", "Unterarbeitsgruppe Finanzen, Vorsitz"),
    DemoPerson("freie", "Freiberufliche Fachkraft"),
    DemoPerson("jugend", "Junge Menschen, Vertretung"),
    DemoPerson("verband", "Träger ohne Sozialraum, Geschäftsführung"),
)
