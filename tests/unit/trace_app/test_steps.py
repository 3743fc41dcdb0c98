"""The step table: what a step's end brings beside its status."""

from typing import Any

import pytest

from trace_app.domain.events import Event
from trace_app.domain.steps import Attachment, step_rows


def attached(found: object) -> tuple[Attachment, ...]:
    data: dict[str, Any] = {"status": "passed", "attachments": found}
    start = Event(seq=1, ts=0, kind="step.start", step=1, data={"title": "Pay"})
    return step_rows([start, Event(seq=4, ts=2, kind="step.end", step=1, ref=1, data=data)])[
        0
    ].attachments


def test_attachments_are_named_by_step_and_member() -> None:
    one = {"name": "cart.json", "type": "application/json", "$member": "attachments/86cd"}
    assert attached([one]) == (Attachment(4, "cart.json", "application/json", "attachments/86cd"),)
    nameless = {"name": "\0", "type": None, "$member": "attachments/86cd"}
    assert attached([nameless]) == (Attachment(4, "attachments/86cd", "", "attachments/86cd"),)


@pytest.mark.parametrize(
    "found", [None, "cart.json", [None], [{}], [{"$member": 7}], [{"$member": "a\0b"}]]
)
def test_what_is_no_attachment_is_passed_over(found: object) -> None:
    assert attached(found) == ()


def test_a_failed_step_is_cited_by_its_assertion_whatever_the_recorder_wrote_first() -> None:
    start = Event(seq=1, ts=0, kind="step.start", step=1, data={"title": "Pay"})
    ended: dict[str, Any] = {"status": "failed", "error": {"message": "not so\nReceived: 2"}}
    end = Event(seq=4, ts=2, kind="step.end", step=1, ref=1, level="error", data=ended)
    failed: dict[str, Any] = {"ok": False, "message": "not so"}
    assertion = Event(seq=5, ts=2, kind="assertion", step=1, level="error", data=failed)
    row = step_rows([start, end, assertion])[0]
    assert (row.failing_seq, row.seq_last, row.error) == (5, 4, "not so\nReceived: 2")
    before = Event(seq=3, ts=2, kind="assertion", step=1, level="error", data=failed)
    assert step_rows([start, before, end])[0].failing_seq == 3
    assert step_rows([start, end])[0].failing_seq == 4


@pytest.mark.parametrize("value", [True, None, "3", 3.0, -1, 2**31, [3]])
def test_what_is_no_line_and_no_depth_is_none(value: object) -> None:
    data: dict[str, Any] = {"title": "Pay", "line": value, "depth": value}
    row = step_rows([Event(seq=1, ts=0, kind="step.start", step=1, data=data)])[0]
    assert (row.line, row.depth) == (None, 0)
    assert type(row.depth) is int
