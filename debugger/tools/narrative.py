"""Writes the forensic summary and the answer to “why did step N fail?”. Facts only, each cited."""

import re

from debugger.domain.citations import cite
from debugger.domain.suspects import Suspect
from debugger.domain.wording import bullet, code, paragraphs, plural, say
from debugger.tools.case import Case
from debugger.tools.clues import failed_exchanges
from debugger.tools.code import Code, CodeUnavailable
from debugger.tools.compared import against_green
from debugger.tools.investigate import Lead, leads
from trace_app.clients.git import Commit
from trace_app.domain.diff import StepView
from trace_app.domain.diff.console import loud, text_of
from trace_app.domain.events import Event

_MAX_BULLETS = 4
_EXCEPTION = re.compile(r"^(?:[A-Za-z_][\w.]*\.)?[A-Z]\w*(?:Error|Exception|NotFound|Timeout)\b")
_REFUSED = ("egress.blocked", "clone.unmodelled")


def summary(case: Case) -> str:
    """The opening text: what failed, the evidence, what differs from green, the likely cause."""
    step = case.failing_step
    if step is None:
        return paragraphs(_no_failure(case), _run_error(case))
    return paragraphs(
        headline(case, step), evidence(case, step), against_green(case, step), cause(case)
    )


def why(case: Case, number: int | None) -> str:
    """Why a step failed; of a step that did not fail, what it did."""
    step = case.step(number)
    if step is None:
        return _unknown_step(case, number)
    if step.status != "failed":
        return _did_not_fail(case, step)
    return paragraphs(
        headline(case, step), evidence(case, step), against_green(case, step), cause(case)
    )


def headline(case: Case, step: StepView) -> str:
    """`Step 7 “click …” failed: … (seq:240)`."""
    failure = case.parts.failure if case.parts else None
    event = case.by_seq.get(failure.seq) if failure else None
    said = _failure_text(event) if event and event.step == step.no else say(step.error)
    seqs = [event.seq if event and event.step == step.no else step.seq]
    return f"Step {step.no} {code(step.title)} failed: {said or 'no reason was recorded'} " + cite(
        seqs
    )


def _failure_text(event: Event) -> str:
    data = event.data
    error = data.get("error")
    message = data.get("message") or (error.get("message") if isinstance(error, dict) else error)
    text = say(message, 300)
    if event.kind != "assertion" or data.get("expected") is None:
        return text
    if text and str(data.get("expected")) in str(message):
        return text
    wanted = f"expected {code(data.get('expected'))}, got {code(data.get('actual'))}"
    return f"{text} — {wanted}" if text else wanted


def evidence(case: Case, step: StepView) -> list[str]:
    """Bullets of what went wrong inside the step, network first."""
    lines = [*_network(case, step), *_console(case, step), *_refused(case, step)]
    return ["What happened in the step:", *lines] if lines else []


def _network(case: Case, step: StepView) -> list[str]:
    grouped: dict[tuple[str, str, str], list[int]] = {}
    for item in failed_exchanges(case, step.no):
        key = (f"{item.method} {item.path}", item.outcome, item.source)
        grouped.setdefault(key, []).append(item.cite)
    lines = []
    for (name, outcome, source), seqs in list(grouped.items())[:_MAX_BULLETS]:
        times = f", {len(seqs)} times" if len(seqs) > 1 else ""
        by = "" if source == "browser" else f" from {say(source)}"
        lines.append(bullet(f"{code(name)}{by} answered {outcome}{times} {cite(seqs[:3])}"))
    return lines


def _console(case: Case, step: StepView) -> list[str]:
    events = case.of_step(step.no, "page.error", "console.message", "app.log")
    found = [event for event in events if loud(event) or _raised(event)]
    found.sort(key=lambda event: (event.kind != "page.error", event.seq))
    return [_message(case, event) for event in found[:_MAX_BULLETS]]


def _raised(event: Event) -> bool:
    """The last line of a traceback in the application's log."""
    return event.kind == "app.log" and bool(_EXCEPTION.match(text_of(event)))


def _message(case: Case, event: Event) -> str:
    name = {"page.error": "Page error", "app.log": "Application"}.get(event.kind, "Console")
    frame = case.parts.frame if case.parts else None
    where = ""
    if frame is not None and event.kind != "console.message":
        where = f" in {code(frame.function)} of {code(frame.file)} {cite([frame.seq])}"
    return bullet(f"{name}: {code(text_of(event))} {cite([event.seq])}{where}")


def _refused(case: Case, step: StepView) -> list[str]:
    lines = []
    for event in case.of_step(step.no, *_REFUSED)[:_MAX_BULLETS]:
        what = event.data.get("host") or f"{event.data.get('method')} {event.data.get('path')}"
        name = "Left the sandbox" if event.kind == "egress.blocked" else "Not modelled by the clone"
        lines.append(bullet(f"{name}: {code(what)} {cite([event.seq])}"))
    return lines


def cause(case: Case) -> str:
    """Which change the evidence leads to: file, line, commit; or why none can be named."""
    try:
        source = Code.of(case.trace, case.green)
    except CodeUnavailable as error:
        return error.told()
    if case.green is None:
        return "There is no earlier green run of this scenario, so no change can be suspected."
    if not source.hunks:
        green = case.green.short_id
        return (
            f"The last green run {green} ran the same code ({source.sha[:7]}): the cause is not a "
            "change in the source. A replay without edits shows whether it fails every time."
        )
    found = leads(case, source)
    since = f"{plural(len(source.commits), 'commit')} since the last green run"
    if not found:
        paths = ", ".join(code(path) for path in sorted({h.path for h in source.hunks})[:5])
        return f"Nothing in the {since} shares a word with the evidence. They changed {paths}."
    lines = [_lead(lead) for lead in found]
    return "\n".join([f"Likely cause, from {since}:", *lines, *_left_overs(found)])


def _lead(lead: Lead) -> str:
    hunk = lead.hunk
    place = f"{code(f'{hunk.path}:{hunk.first_line}')}{_who(lead.commit)}"
    return bullet(f"{place}: {_change(lead.suspect)}; {_reasons(lead.suspect)}")


def _who(commit: Commit | None) -> str:
    if commit is None:
        return ""
    subject, author = say(commit.subject, 80), say(commit.author.name, 40)
    return f", commit {commit.sha[:7]} “{subject}” by {author}"


def _change(suspect: Suspect) -> str:
    removed, added = suspect.hunk.removed, suspect.hunk.added
    if len(removed) == len(added) == 1:
        return f"{code(removed[0], 100)} became {code(added[0], 100)}"
    if not added and removed:
        return f"{code(removed[0], 100)} was taken out"
    if not removed and added:
        return f"{code(added[0], 100)} was added"
    return f"{plural(len(removed), 'line')} became {plural(len(added), 'line')}"


def _reasons(suspect: Suspect) -> str:
    texts = [f"{reason.text} {cite([reason.seq])}".strip() for reason in suspect.reasons[:2]]
    return " and ".join(texts)


def _left_overs(found: list[Lead]) -> list[str]:
    """Where the text that a suspected change replaced still stands: its forgotten half."""
    lines = []
    for lead in found:
        if lead.renamed is None:
            continue
        for hit in lead.left_over[:2]:
            old, new = code(lead.renamed.old, 80), code(lead.renamed.new, 80)
            lines.append(bullet(f"{code(f'{hit.path}:{hit.line}')} still says {old}, not {new}"))
    return lines


def _no_failure(case: Case) -> str:
    trace = case.trace
    if trace.status == "passed":
        steps = plural(len(case.view.steps), "step")
        return f"All {steps} passed. Nothing here has to be explained."
    return f"This run is {trace.status}; no step of it failed."


def _run_error(case: Case) -> str:
    parts = case.parts
    event = case.by_seq.get(parts.failure.seq) if parts else None
    return f"It reports: {_failure_text(event)} {cite([event.seq])}" if event else ""


def _unknown_step(case: Case, number: int | None) -> str:
    count = len(case.view.steps)
    if number is None:
        return paragraphs(_no_failure(case), _run_error(case))
    return f"There is no step {number} in this trace; it has {plural(count, 'step')}."


def _did_not_fail(case: Case, step: StepView) -> str:
    state = {"not_run": "did not run", "skipped": "was skipped"}.get(step.status, step.status)
    failing = case.failing_step
    text = f"Step {step.no} {code(step.title)} {state} {cite([step.seq])}".strip()
    if failing is None:
        return paragraphs(f"{text}.", evidence(case, step))
    more = f"Step {failing.no} {code(failing.title)} is the one that failed {cite([failing.seq])}."
    return paragraphs(f"{text}. {more}", evidence(case, step))
