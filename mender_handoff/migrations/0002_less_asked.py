"""What a delivery was taken over for, and when Guard is asked again about an attempt."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Add the columns; what is under way is asked about and taken over as if for the first time."""

    dependencies = [
        ("mender_handoff", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="menderattempt",
            name="ask_after",
            field=models.DateTimeField(help_text="Guard is not asked before this", null=True),
        ),
        migrations.AddField(
            model_name="menderattempt",
            name="ask_tries",
            field=models.PositiveSmallIntegerField(
                default=0, help_text="How often in a row Guard was asked and did not answer"
            ),
        ),
        migrations.AddField(
            model_name="webhookdelivery",
            name="taken",
            field=models.JSONField(
                default=list, help_text="Ids of the traces it was taken over for"
            ),
        ),
    ]
