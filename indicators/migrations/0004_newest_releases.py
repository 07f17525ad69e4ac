from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = (("indicators", "0003_frozen_values"),)

    operations = (
        migrations.AddIndex(
            model_name="datarelease",
            index=models.Index(
                F("reference_date").desc(),
                F("id").desc(),
                condition=Q(status="taken_over"),
                name="release_newest_first",
            ),
        ),
    )
