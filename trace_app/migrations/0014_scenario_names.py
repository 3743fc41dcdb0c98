"""A table for the names of scenarios, which the list offers to choose from."""

import django.db.models.deletion
from django.db import migrations, models

NAMES_OF_DIGESTED = """
    INSERT INTO trace_app_scenarioname (project_id, slug)
    SELECT DISTINCT project_id, scenario_slug FROM trace_app_trace
    WHERE processed IS NOT NULL AND scenario_slug > ''
"""


class Migration(migrations.Migration):
    """Make it, and fill it from the traces that are there."""

    dependencies = [
        ("trace_app", "0013_audit_system"),
    ]

    operations = [
        migrations.CreateModel(
            name="ScenarioName",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "project",
                        "slug",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("slug", models.CharField(max_length=200)),
                (
                    "project",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="trace_app.project",
                    ),
                ),
            ],
        ),
        migrations.RunSQL(NAMES_OF_DIGESTED, migrations.RunSQL.noop),
    ]
