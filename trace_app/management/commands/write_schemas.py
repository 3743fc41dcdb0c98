"""Writes the published JSON schemas into docs/reference/."""

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from trace_app.domain.schemas import event_schema, run_schema, summary_schema

SCHEMAS = {
    "events.schema.json": event_schema,
    "run.schema.json": run_schema,
    "summary.schema.json": summary_schema,
}


class Command(BaseCommand):
    """`manage.py write_schemas`; a test fails while the files are not what it would write."""

    help = "Write the published JSON schemas into docs/reference/."

    def handle(self, *args: Any, **options: Any) -> None:
        """Write every schema."""
        folder = settings.BASE_DIR / "docs" / "reference"
        for name, make in SCHEMAS.items():
            (folder / name).write_text(json.dumps(make(), indent=2) + "\n")
            self.stdout.write(f"docs/reference/{name}")
