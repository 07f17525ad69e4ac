from pathlib import Path

from django.db import migrations

FOLDER = Path(__file__).resolve().parent.parent


class Migration(migrations.Migration):
    dependencies = (("committees", "0003_groups_and_negotiation"), ("audit", "0002_chain"))

    operations = (
        migrations.RunSQL(
            (FOLDER / "frozen_rounds.sql").read_text(encoding="utf-8"),
            (FOLDER / "frozen_rounds_reverse.sql").read_text(encoding="utf-8"),
        ),
    )
