from pathlib import Path

from django.db import migrations

FOLDER = Path(__file__).resolve().parent.parent


class Migration(migrations.Migration):
    dependencies = (("indicators", "0005_sensitivity_runs"), ("audit", "0002_chain"))

    operations = (
        migrations.RunSQL(
            (FOLDER / "frozen_runs.sql").read_text(encoding="utf-8"),
            (FOLDER / "frozen_runs_reverse.sql").read_text(encoding="utf-8"),
        ),
    )
