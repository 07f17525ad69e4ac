from pathlib import Path

from django.db import migrations, models

FOLDER = Path(__file__).resolve().parent.parent


class Migration(migrations.Migration):
    dependencies = (("indicators", "0002_frozen"),)

    operations = (
        migrations.AddField(
            model_name="burdencalculation",
            name="transaction",
            field=models.BigIntegerField(
                db_default=models.Func(function="txid_current", output_field=models.BigIntegerField()),
                editable=False,
            ),
        ),
        migrations.RunSQL(
            (FOLDER / "frozen_values.sql").read_text(encoding="utf-8"),
            (FOLDER / "frozen_values_reverse.sql").read_text(encoding="utf-8"),
        ),
    )
