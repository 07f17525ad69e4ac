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
}
