"""Steps keep what a test attached to them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Add the list; steps of earlier traces have none."""

    dependencies = [
        ("trace_app", "0010_lease_is_the_lock"),
    ]

    operations = [
        migrations.AddField(
            model_name="step",
            name="attachments",
            field=models.JSONField(default=list),
        ),
    ]
