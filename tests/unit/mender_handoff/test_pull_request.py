"""The body of a pull request: what a scenario's lines hold does not break its Markdown."""

from typing import Any

from mender_handoff.domain.markdown import to_html
from mender_handoff.domain.messages import AttemptRequest, convert
from mender_handoff.guard.domain.pull_request import body
from tests.unit.mender_handoff.test_messages import request as example

LINE = "expect text `Total | 9` and ``x``"


def written() -> str:
    run = {"status": "failed", "short_id": "abc", "failing_step": 7}
    results: dict[str, dict[str, Any]] = {
        "analyze": {"analysis_line": "It broke.", "analysis_markdown": "So it was."},
        "test": {
            "red": run,
            "green": run | {"status": "passed"},
            "inverted": run | {"line": LINE},
            "additions": [{"step": 3, "line": LINE, "reason": "from the diff"}],
        },
    }
    return body(convert(example(), AttemptRequest), results, "https://trace.example")


def test_lines_with_backticks_stay_code() -> None:
    html = to_html(written())
    shown = "<code>expect text `Total | 9` and ``x``</code>"
    assert f"<td>with {shown}</td>" in html
    assert f"<li>step 3: {shown} (from the diff)</li>" in html
