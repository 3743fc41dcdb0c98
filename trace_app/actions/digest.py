"""What a run's events come to, written into its row: signature, summary, search words.

The row is saved by the caller. What belongs to the signature's row is in `sign` and `seen`.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from typing import Final

from django.contrib.postgres.search import SearchVector
from django.db.models import Value
from django.db.models.functions import Greatest, Least
from django.utils import timezone

from trace_app.actions.rows import clean
from trace_app.domain import signature as signatures
from trace_app.domain import summary
from trace_app.domain.events import Event
from trace_app.domain.steps import StepRow, failing_step
from trace_app.models import Signature, Trace

# What is written into the trace's row.
MADE: Final = (
    *("signature", "summary", "error_count", "failing_step", "failing_seq"),
    *("error_line", "processed", "viewable_ms", "search"),
)
_SIGNATURE: Final = ("id", "slug", "version", "parts", "first_seen", "last_seen")
# Of a burst of failures not each one writes the signature's row.
_EXACT: Final = timedelta(seconds=1)
_PUNCTUATION: Final = re.compile(r"[\W_]+")

type Find = Callable[[int], Event | None]
"""The event of a number."""


def digest(
    trace: Trace,
    *,
    counter: summary.Counter,
    rows: Sequence[StepRow],
    evidence: Callable[[], Iterable[Event]],
    find: Find,
) -> signatures.Signature | None:
    """Fills in a finished trace but for `signature` and `search`; gives what its signature is.

    `evidence` is what a signature is made of, where there is one.
    """
    found = None
    if trace.status != "passed":
        found = signatures.compute(evidence(), rows)
    _write_summary(trace, counter, rows, failing_step(rows), found, find)
    trace.processed = timezone.now()
    if trace.viewable_ms is None and trace.finished is not None:
        trace.viewable_ms = (trace.processed - trace.finished).total_seconds() * 1000
    return found


def sign(trace: Trace, found: signatures.Signature | None) -> None:
    """Finds or makes the signature's row, and sets the words that the trace is found by."""
    trace.signature = None
    if found is not None:
        row = signature_row(trace, found)
        made = {name: getattr(row, name) for name in _SIGNATURE}
        trace.signature, _ = Signature.objects.get_or_create(
            project_id=row.project_id, hash=row.hash, defaults=made
        )
    strong, weak = search_texts(trace)
    slug = trace.signature.slug if trace.signature else ""
    trace.search = SearchVector(
        Value(f"{strong} {slug}"), weight="A", config="simple"
    ) + SearchVector(Value(weak), weight="B", config="simple")


def seen(trace: Trace) -> None:
    """Widens the time in which the saved trace's signature was seen, to the second.

    To be called last: until the transaction ends, others of the same signature wait here.
    """
    row = trace.signature
    if row is not None and not row.first_seen <= trace.created <= row.last_seen + _EXACT:
        Signature.objects.filter(pk=row.pk).update(
            first_seen=Least("first_seen", Value(trace.created)),
            last_seen=Greatest("last_seen", Value(trace.created)),
        )


def signature_row(trace: Trace, found: signatures.Signature) -> Signature:
    """The signature as its row holds it, seen in this trace alone; not saved."""
    now = trace.created or timezone.now()
    return Signature(
        project_id=trace.project_id,
        hash=found.hash,
        slug=clean(found.slug, 120),
        version=found.version,
        parts=found.to_json()["parts"],
        first_seen=now,
        last_seen=now,
    )


def search_texts(trace: Trace) -> tuple[str, str]:
    """The words by which a trace is found, strong and weak; its signature's slug is strong too."""
    strong = f"{trace.title} {trace.scenario_slug} {trace.short_id}"
    weak = f"{trace.test_id} {trace.branch} {trace.code_sha} {trace.author} {trace.error_line}"
    # PostgreSQL takes a branch or a path for one word: its parts are to be found as well.
    weak += f" {_PUNCTUATION.sub(' ', f'{trace.test_id} {trace.branch}')} {trace.pr_number or ''}"
    return strong, weak


def _write_summary(
    trace: Trace,
    counter: summary.Counter,
    rows: Sequence[StepRow],
    failing: StepRow | None,
    found: signatures.Signature | None,
    find: Find,
) -> None:
    built = summary.build(
        status=trace.status,
        steps=rows,
        signature=found,
        counter=counter,
        failing=failing,
        has_zip=bool(trace.playwright_zip),
        unread="unread" in trace.runner,
        redaction=trace.runner.get("redaction") or {},
    )
    if "mender_summary" in trace.summary:
        built["mender_summary"] = trace.summary["mender_summary"]
    trace.summary = built
    trace.error_count = counter.errors
    if failing is not None:
        trace.failing_step = trace.failing_step or failing.number
        trace.failing_seq = trace.failing_seq or failing.failing_seq
        trace.error_line = trace.error_line or clean(failing.error.split("\n")[0], 1000)
    if found is not None:
        trace.failing_seq = trace.failing_seq or found.parts.failure.seq
        trace.error_line = trace.error_line or _error_line(found.parts.failure, find)
        # A run may fail in no step: where a test's own assertion does.
        built["failing_seq"] = built["failing_seq"] or trace.failing_seq
        built["error"] = built["error"] or trace.error_line


def _error_line(failure: signatures.Failure, find: Find) -> str:
    """What the failing event says word for word: the signature's own message is templated."""
    event = find(failure.seq)
    said = signatures.said(event.data) if event else ""
    return clean((said or failure.message).split("\n")[0], 1000)
