"""Tiers: a team's ages, a trace's thaw, and the index the retention sweep reads by."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Columns with defaults only: nothing is rewritten."""

    dependencies = [
        ("trace_app", "0008_redaction"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="team",
            name="cold_after_days",
            field=models.PositiveSmallIntegerField(default=90),
        ),
        migrations.AddField(
            model_name="team",
            name="delete_after_days",
            field=models.PositiveSmallIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="team",
            name="warm_after_days",
            field=models.PositiveSmallIntegerField(default=14),
        ),
        migrations.AddField(
            model_name="trace",
            name="thaw_error",
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.AddField(
            model_name="trace",
            name="thaw_requested",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="trace",
            name="thawed",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddIndex(
            model_name="trace",
            index=models.Index(
                condition=models.Q(("thaw_requested__isnull", False)),
                fields=["thaw_requested"],
                name="trace_thawing",
            ),
        ),
        migrations.AddIndex(
            model_name="trace",
            index=models.Index(
                condition=models.Q(("pinned__isnull", True)),
                fields=["tier", "project", "created"],
                name="trace_aging",
            ),
        ),
        migrations.AddConstraint(
            model_name="team",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("cold_after_days__gte", models.F("warm_after_days")),
                    ("warm_after_days__gte", 1),
                    models.Q(
                        ("delete_after_days", None),
                        ("delete_after_days__gte", models.F("cold_after_days")),
                        _connector="OR",
                    ),
                ),
                name="ages_in_order",
            ),
        ),
    ]
