"""Each batch keeps where its events are, so that the end of a run has little left to compute.

An index made before is of another form: it is made again.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    """See the module."""

    dependencies = [
        ("trace_app", "0005_queue_notifies_once"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="appendbatch",
            options={"ordering": ("trace", "seq_first")},
        ),
        migrations.AddField(
            model_name="appendbatch",
            name="columns",
            field=models.BinaryField(default=bytes, help_text="The index of this batch's events"),
        ),
        migrations.RunSQL(
            "UPDATE trace_app_trace SET processed = NULL, process_attempts = 0 FROM"
            " trace_app_eventindex AS made WHERE made.trace_id = trace_app_trace.id;"
            "UPDATE trace_app_eventindex SET columns = ''",
            migrations.RunSQL.noop,
        ),
    ]
