"""The published schemas are the enforced ones, and what the product writes keeps them."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tests.harness.record import BY, FAILED_ZIP, make_project
from trace_app.actions.ingest import ingest_zip
from trace_app.actions.processing import process
from trace_app.domain.bundle import open_bundle
from trace_app.domain.schemas import event_schema, run_schema, summary_schema
from trace_app.management.commands.write_schemas import SCHEMAS
from trace_app.queries.events import events
from trace_app.storage.exports import export_bundle

REFERENCE = Path(__file__).parents[3] / "docs" / "reference"


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_published_files_are_fresh(name: str) -> None:
    assert json.loads((REFERENCE / name).read_text()) == SCHEMAS[name](), (
        "run: manage.py write_schemas"
    )


@pytest.mark.django_db
def test_what_is_stored_and_exported_keeps_them() -> None:
    trace = ingest_zip(by=BY, project=make_project(), path=FAILED_ZIP)
    process(str(trace.pk))
    trace.refresh_from_db()
    Draft202012Validator(summary_schema()).validate(trace.summary)
    of_event = Draft202012Validator(event_schema())
    for event in events(trace):
        of_event.validate(event.to_json())
    with export_bundle(trace) as file:
        bundle = open_bundle(file)
        run = json.loads(bundle.archive.read("run.json"))
    Draft202012Validator(run_schema()).validate(run)
