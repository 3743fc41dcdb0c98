"""Lays the SQL of the PostgreSQL message queue, the broker of a one-machine installation."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps
from pgmq.install import get_embedded_install_sql


def lay_queue(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Install the queue functions unless the schema, or the extension, is there already."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('pgmq.meta')")
        if cursor.fetchone() == (None,):
            cursor.execute(get_embedded_install_sql())


class Migration(migrations.Migration):
    """Needs no extension; never reversed, because messages may be waiting."""

    dependencies = [("trace_app", "0002_chunk_body_storage")]
    operations = [migrations.RunPython(lay_queue, migrations.RunPython.noop)]
