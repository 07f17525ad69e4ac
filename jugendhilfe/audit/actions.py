"""The words people read for each action; a test finds an action without words."""

ACTIONS = {
    "refused": "Abgelehnt",
    "roles.grant": "Rolle vergeben",
    "roles.confirm": "Rolle bestätigt",
    "roles.withdraw": "Rolle entzogen",
    "users.invite": "Konto angelegt und eingeladen",
    "users.renew_invitation": "Neuen Einladungslink erzeugt",
    "users.close": "Konto gesperrt",
    "audit.export": "Protokoll ausgegeben",
    "files.download": "Quelldatei geladen",
    "users.reopen": "Konto wieder geöffnet",
    "years.open": "Haushaltsjahr angelegt",
    "years.change_totals": "Gesamtbeträge geändert",
    "years.change_status": "Haushaltsstatus geändert",
    "deductions.add": "Abzug eingetragen",
    "deductions.change": "Abzug geändert",
    "deductions.remove": "Abzug entfernt",
    "amounts.save": "Beträge der Sozialräume gespeichert",
}
