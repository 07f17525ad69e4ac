from pathlib import Path

from django.db import migrations

FOLDER = Path(__file__).resolve().parent.parent


class Migration(migrations.Migration):
    dependencies = (("budgets", "0004_transitions_and_splits"), ("audit", "0002_chain"))

    operations = (
        migrations.RunSQL(
            (FOLDER / "frozen_transitions.sql").read_text(encoding="utf-8"),
            (FOLDER / "frozen_transitions_reverse.sql").read_text(encoding="utf-8"),
        ),
    )
