from pathlib import Path

from django.db import migrations

FOLDER = Path(__file__).resolve().parent.parent


class Migration(migrations.Migration):
    dependencies = (("audit", "0001_initial"),)

    operations = (
        migrations.RunSQL(
            (FOLDER / "chain.sql").read_text(encoding="utf-8"),
            (FOLDER / "chain_reverse.sql").read_text(encoding="utf-8"),
        ),
    )
