from pathlib import Path

from django.db import migrations

FOLDER = Path(__file__).resolve().parent.parent


class Migration(migrations.Migration):
    dependencies = (("committees", "0001_initial"), ("audit", "0002_chain"))

    operations = (
        migrations.RunSQL(
            (FOLDER / "frozen.sql").read_text(encoding="utf-8"),
            (FOLDER / "frozen_reverse.sql").read_text(encoding="utf-8"),
        ),
    )
