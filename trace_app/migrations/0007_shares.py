"""Public shares of a trace with their access log, and the sites that may embed them."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import trace_app.models.identifiers


class Migration(migrations.Migration):
    """See the module."""

    dependencies = [
        ("trace_app", "0006_batch_columns"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="project",
            name="embed_origins",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=200),
                default=list,
                help_text="Whose pages may frame a share",
            ),
        ),
        migrations.CreateModel(
            name="TraceShare",
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
                ("secret_hash", models.CharField(max_length=64, unique=True)),
                ("label", models.CharField(blank=True, help_text="Whom it is for", max_length=80)),
                ("created", models.DateTimeField(auto_now_add=True)),
                ("expires", models.DateTimeField()),
                ("revoked", models.DateTimeField(null=True)),
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
                    "trace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="shares",
                        to="trace_app.trace",
                    ),
                ),
            ],
            options={
                "ordering": ("-created", "-id"),
            },
        ),
        migrations.CreateModel(
            name="ShareVisit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("address", models.CharField(blank=True, max_length=45)),
                ("agent", models.CharField(blank=True, max_length=200)),
                ("embedded", models.BooleanField(default=False)),
                ("first", models.DateTimeField()),
                ("last", models.DateTimeField()),
                ("requests", models.PositiveIntegerField(default=1)),
                (
                    "share",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="visits",
                        to="trace_app.traceshare",
                    ),
                ),
            ],
            options={
                "ordering": ("-last", "-id"),
                "indexes": [models.Index(fields=["share", "-last"], name="visits_of_share")],
            },
        ),
    ]
