"""The words of a fix: commit message, title and body of the pull request. Text only."""

from collections.abc import Mapping
from typing import Any

from mender_handoff.domain.messages import AttemptRequest
from trace_app.domain.evidence import code


def title(request: AttemptRequest) -> str:
    """One line that names the failure and the scenario."""
    slug = (request.trace.signature or {}).get("slug") or "failure"
    return f"Fix {slug} in {request.trace.scenario.slug}"


def marker(request: AttemptRequest) -> str:
    """Finds the pull request of an attempt again; hidden from readers of the body."""
    return f"mender-attempt:{request.attempt_id}"


def commit_message(request: AttemptRequest, analysis_line: str) -> str:
    """What the fix commit says: why, where the evidence is, and who promoted it."""
    lines = [title(request), "", analysis_line, "", f"Trace: {request.trace.permalink}"]
    if request.replay:
        lines.append(f"Replay: {request.replay.permalink}")
    return "\n".join([*lines, *_promoted_by(request)]) + "\n"


def _promoted_by(request: AttemptRequest) -> list[str]:
    person = request.promoted_by
    if person is None:
        return []
    address = f" <{person.email}>" if person.email else ""
    return [f"Promoted-by: {person.name}{address}"]


def body(request: AttemptRequest, results: Mapping[str, Mapping[str, Any]], trace_url: str) -> str:
    """Markdown: the analysis, the proof with permalinks, a checklist, who promoted it."""
    analysis, tested = results["analyze"], results["test"]
    parts = [
        f"<!-- {marker(request)} -->",
        analysis["analysis_line"],
        "",
        "## Proof",
        "",
        "| run | result | evidence |",
        "|---|---|---|",
        _failing_row(request),
        *_replay_row(request),
        _run_row("regression test before the fix", tested["red"], trace_url),
        *_inverted_row(tested, trace_url),
        _run_row("regression test with the fix", tested["green"], trace_url),
        "",
        *_additions(tested),
        "## Analysis",
        "",
        analysis["analysis_markdown"],
        "",
        "## Before you take this",
        "",
        "- [ ] The change is what you would have written",
        "- [ ] The regression test fails for the right reason without it",
        "- [ ] The check of this branch is green",
        "",
        *_promoted_by(request),
    ]
    return "\n".join(parts).rstrip() + "\n"


def _failing_row(request: AttemptRequest) -> str:
    trace = request.trace
    link = f"[trace {trace.short_id}]({trace.permalink})"
    return f"| failing check | failed at step {trace.failing_step} | {link} |"


def _replay_row(request: AttemptRequest) -> list[str]:
    replay = request.replay
    if replay is None:
        return []
    said = _cell(str((replay.diff or {}).get("sentence") or "succeeded"))
    return [f"| replay from step {replay.from_step} | {said} | [replay]({replay.permalink}) |"]


def _cell(text: str) -> str:
    """The text for a cell of a table, which a bare bar would end, in a code span too."""
    return text.replace("|", "\\|")


def _run_row(name: str, run: Mapping[str, Any], trace_url: str) -> str:
    step = f" at step {run['failing_step']}" if run.get("failing_step") else ""
    short = run.get("short_id") or ""
    link = f"[trace {short}]({trace_url}/traces/{short})" if short else "no record kept"
    return f"| {name} | {run['status']}{step} | {link} |"


def _inverted_row(tested: Mapping[str, Any], trace_url: str) -> list[str]:
    turned = tested.get("inverted")
    if not turned:
        return []
    return [_run_row(f"with {_cell(code(turned['line']))}", turned, trace_url)]


def _additions(tested: Mapping[str, Any]) -> list[str]:
    added = tested.get("additions") or []
    if not added:
        return []
    lines = ["## Added to the scenario", ""]
    lines += [f"- step {one['step']}: {code(one['line'])} ({one['reason']})" for one in added]
    return [*lines, ""]
