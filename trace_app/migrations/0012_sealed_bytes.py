"""Traces know how much lies encrypted beside their record."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Add the figure; what earlier traces keep sealed is not in it."""

    dependencies = [
        ("trace_app", "0011_step_attachments"),
    ]

    operations = [
        migrations.AddField(
            model_name="trace",
            name="sealed_bytes",
            field=models.BigIntegerField(
                default=0,
                help_text="The restore capsule, or an upload kept unread, as it lies encrypted",
            ),
        ),
    ]
