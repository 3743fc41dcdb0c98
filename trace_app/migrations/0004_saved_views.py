"""A person's own views of the list, and an index for each filter that may be rare."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import trace_app.models.identifiers


class Migration(migrations.Migration):
    """See the module."""

    dependencies = [
        ("trace_app", "0003_message_queue"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SavedView",
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
                ("name", models.CharField(max_length=40)),
                ("query", models.CharField(max_length=2000)),
                ("created", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "ordering": ("created",),
            },
        ),
        migrations.AddIndex(
            model_name="trace",
            index=models.Index(
                fields=["project", "scenario_slug", "-created", "-id"], name="trace_list_scenario"
            ),
        ),
        migrations.AddIndex(
            model_name="trace",
            index=models.Index(
                fields=["project", "branch", "-created", "-id"], name="trace_list_branch"
            ),
        ),
        migrations.AddIndex(
            model_name="trace",
            index=models.Index(
                fields=["project", "author", "-created", "-id"], name="trace_list_author"
            ),
        ),
        migrations.AddIndex(
            model_name="trace",
            index=models.Index(
                fields=["project", "status", "-created", "-id"], name="trace_list_status"
            ),
        ),
        migrations.AddIndex(
            model_name="trace",
            index=models.Index(
                condition=models.Q(("pr_number__isnull", False)),
                fields=["project", "pr_number", "-created", "-id"],
                name="trace_list_pr",
            ),
        ),
        migrations.AddIndex(
            model_name="trace",
            index=models.Index(
                condition=models.Q(("pinned__isnull", False)),
                fields=["project", "-created", "-id"],
                name="trace_list_pinned",
            ),
        ),
        migrations.AddIndex(
            model_name="trace",
            index=models.Index(
                condition=models.Q(("mender_state__in", ("suggested", "draft", "needs_edit"))),
                fields=["project", "-created", "-id"],
                name="trace_list_awaiting",
            ),
        ),
        migrations.AddIndex(
            model_name="trace",
            index=models.Index(
                fields=["code_sha"], name="trace_by_sha", opclasses=("varchar_pattern_ops",)
            ),
        ),
        migrations.AddField(
            model_name="savedview",
            name="team",
            field=models.ForeignKey(
                help_text="Of the project the view names; it goes with it",
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="trace_app.team",
            ),
        ),
        migrations.AddField(
            model_name="savedview",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="saved_views",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="savedview",
            constraint=models.UniqueConstraint(fields=("user", "name"), name="one_view_per_name"),
        ),
    ]
