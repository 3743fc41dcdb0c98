"""An audit entry has room for the name of the key that acted."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Widen the column; nothing is rewritten."""

    dependencies = [
        ("trace_app", "0012_sealed_bytes"),
    ]

    operations = [
        migrations.AlterField(
            model_name="auditentry",
            name="system",
            field=models.CharField(blank=True, help_text="Set when no person acted", max_length=80),
        ),
    ]
