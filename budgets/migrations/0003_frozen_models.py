from pathlib import Path

from django.db import migrations

FOLDER = Path(__file__).resolve().parent.parent


class Migration(migrations.Migration):
    dependencies = (("budgets", "0002_frozen"),)

    operations = (
        migrations.RunSQL(
            (FOLDER / "frozen_models.sql").read_text(encoding="utf-8"),
            (FOLDER / "frozen_models_reverse.sql").read_text(encoding="utf-8"),
        ),
    )
