"""Redaction rules of teams, and what a live run has learned, encrypted."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import trace_app.models.identifiers


class Migration(migrations.Migration):
    """Makes both tables."""

    dependencies = [
        ("trace_app", "0007_shares"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="LiveRedaction",
            fields=[
                (
                    "trace",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="live_redaction",
                        serialize=False,
                        to="trace_app.trace",
                    ),
                ),
                ("sealed", models.BinaryField()),
                (
                    "behind",
                    models.BooleanField(
                        default=False, help_text="Stored chunks are still to be scrubbed"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="RedactionRule",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=trace_app.models.identifiers.new_uuid,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("header", "header"),
                            ("key", "key"),
                            ("selector", "selector"),
                            ("pattern", "pattern"),
                            ("allow_value", "allow_value"),
                            ("allow_name", "allow_name"),
                            ("off", "off"),
                        ],
                        max_length=12,
                    ),
                ),
                ("value", models.CharField(max_length=500)),
                (
                    "name",
                    models.CharField(blank=True, help_text="What reports call it", max_length=60),
                ),
                ("created", models.DateTimeField(auto_now_add=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="redaction_rules",
                        to="trace_app.team",
                    ),
                ),
            ],
            options={
                "ordering": ("kind", "created"),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("team", "kind", "value"), name="one_redaction_rule"
                    )
                ],
            },
        ),
    ]
