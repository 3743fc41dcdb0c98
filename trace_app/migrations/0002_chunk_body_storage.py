"""Keep chunk bodies out of PostgreSQL's own compression: they are zstd already."""

from django.db import migrations


class Migration(migrations.Migration):
    """See the module."""

    dependencies = [("trace_app", "0001_initial")]
    operations = [
        migrations.RunSQL(
            "ALTER TABLE trace_app_eventchunk ALTER COLUMN body SET STORAGE EXTERNAL",
            "ALTER TABLE trace_app_eventchunk ALTER COLUMN body SET STORAGE EXTENDED",
        )
    ]
