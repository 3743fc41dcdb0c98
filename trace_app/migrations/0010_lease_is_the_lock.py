"""Processing leases a trace by its row's lock; how long a run took to be viewable is kept."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """See the module."""

    dependencies = [
        ("trace_app", "0009_tiers"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="trace", name="trace_unprocessed"),
        migrations.RemoveField(model_name="trace", name="lease_until"),
        migrations.AddField(
            model_name="trace",
            name="viewable_ms",
            field=models.FloatField(null=True, help_text="From its last byte to the whole record"),
        ),
        migrations.AddIndex(
            model_name="trace",
            index=models.Index(
                fields=["status"],
                condition=models.Q(("processed__isnull", True)),
                name="trace_unprocessed",
            ),
        ),
    ]
