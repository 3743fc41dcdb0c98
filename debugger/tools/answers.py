"""Answers of the offline engine to the plain questions: what is shown is what is stored."""

from debugger.domain.citations import cite
from debugger.domain.intents import CloneChange, CompareGreen, Show, ShowEvent, Source
from debugger.domain.wording import bullet, code, paragraphs, plural, say
from debugger.tools.code import CodeUnavailable
from debugger.tools.compared import comparison
from debugger.tools.toolbox import Toolbox
from trace_app.domain.diff import DIMENSIONS
from trace_app.domain.diff.clones import BOOKKEEPING, compare_states, states
from trace_app.domain.diff.values import Change, show
from trace_app.domain.diff.view import StepView
from trace_app.domain.events import KIND_RIBBON, Event
from trace_app.domain.labels import label

_MAX_LINES = 20
_MAX_SOURCE = 60

HELP = paragraphs(
    "I answer from this trace's record and its source, and cite every event. Ask for example:",
    [
        bullet("why did step 7 fail?"),
        bullet("what changed in the stripe clone between step 6 and 7?"),
        bullet("compare with the last green run (or: in the network, console, clones, steps)"),
        bullet("show network errors · show console errors in step 3 · show seq 214"),
        bullet("which commit caused this? · similar failures · what does Mender say?"),
        bullet("read path/to/file · search for `text`"),
        bullet("suggest a fix"),
        bullet(
            'replay from step 7 with `key = value`, `"old" → "new"`, use A instead of B, revert X'
        ),
    ],
    "A replay starts only after you confirm it.",
)
NOT_UNDERSTOOD = paragraphs("I did not understand that.", HELP)


def clone_change(tools: Toolbox, asked: CloneChange) -> str:
    """What changed in a clone between two steps."""
    held = states(tools.case.view)
    if not held:
        return "No clone state was captured in this trace."
    named = [name for name in held if asked.clone is None or asked.clone in name.lower()]
    if not named:
        return f"There is no {say(asked.clone)} clone in this trace; there is {', '.join(held)}."
    return paragraphs(*(_one_clone(name, held[name], asked) for name in sorted(named)))


def _one_clone(name: str, by_step: dict[int, Event], asked: CloneChange) -> list[str]:
    known = sorted(by_step)
    first = asked.step_a if asked.step_a is not None else known[0]
    last = asked.step_b if asked.step_b is not None else known[-1]
    a, b = by_step.get(first), by_step.get(last)
    if a is None or b is None:
        missing = first if a is None else last
        steps = ", ".join(str(step) for step in known)
        return [f"The {say(name)} clone has no state after step {missing}; it has after {steps}."]
    found = compare_states(a, b)
    between = f"the {say(name)} clone between step {first} {cite([a.seq])} and step {last}"
    if not found:
        return [f"Nothing changed in {between} {cite([b.seq])}."]
    found.sort(key=lambda change: bool(BOOKKEEPING.search(change.path)))
    lines = [_change(change) for change in found[:_MAX_LINES]]
    rest = len(found) - len(lines)
    more = [bullet(f"and {plural(rest, 'more change')}")] if rest else []
    return [f"Changed in {between} {cite([b.seq])}:", *lines, *more]


def _change(change: Change) -> str:
    name = code(change.path)
    if change.op == "changed":
        return bullet(f"{name} {code(show(change.before))} → {code(show(change.after))}")
    value = change.after if change.op == "added" else change.before
    return bullet(f"{name} {'is new' if change.op == 'added' else 'is gone'}: {code(show(value))}")


def compare_green(tools: Toolbox, asked: CompareGreen) -> str:
    """The comparison with the last green run, whole or one dimension."""
    case = tools.case
    green = case.green_on(asked.branch)
    if green is None:
        where = f" on {say(asked.branch)}" if asked.branch else ""
        return f"There is no earlier green run of this scenario{where}."
    only = asked.dimension if asked.dimension in DIMENSIONS else None
    return comparison(case, green, case.compare(green), only)


def show_events(tools: Toolbox, asked: Show) -> str:
    """Events of a ribbon or all errors, as lines."""
    found = [event for event in tools.case.view.events if _asked_for(event, asked)]
    where = f" in step {asked.step}" if asked.step is not None else ""
    name = (
        "error"
        if asked.what == "errors"
        else f"{asked.what} {'error' if asked.errors_only else 'event'}"
    )
    if not found:
        return f"There is no {name}{where}."
    lines = [event_line(tools, event) for event in found[:_MAX_LINES]]
    rest = len(found) - len(lines)
    more = [bullet(f"and {plural(rest, 'more')}")] if rest else []
    return "\n".join([f"{plural(len(found), name)}{where}:", *lines, *more])


def _asked_for(event: Event, asked: Show) -> bool:
    if asked.step is not None and event.step != asked.step:
        return False
    if asked.errors_only and event.level != "error":
        return False
    if asked.what == "errors":
        return True
    # An answer says what a request came to, so that requests are not listed twice.
    return KIND_RIBBON[event.kind] == asked.what and event.kind != "network.request"


def event_line(tools: Toolbox, event: Event) -> str:
    """One event as a bullet with its citation."""
    data = event.data
    if event.kind in ("network.response", "network.failed"):
        request = tools.case.by_seq.get(event.ref or 0)
        sent = request.data if request else {}
        outcome = data.get("status", data.get("error"))
        said = f"{sent.get('method', '')} {sent.get('url', '')} → {outcome}"
    else:
        said = label(event)
    step = f" step {event.step}" if event.step is not None else ""
    return bullet(f"{event.kind}{step}: {code(said)} {cite([event.seq])}")


def show_event(tools: Toolbox, asked: ShowEvent) -> str:
    """One event with its fields."""
    event = tools.case.by_seq.get(asked.seq)
    if event is None:
        return f"This trace has no event {asked.seq}."
    fields = [bullet(f"{say(key)}: {code(show(value))}") for key, value in event.data.items()]
    step = f" in step {event.step}" if event.step is not None else ""
    return "\n".join(
        [f"{event.kind}{step} at {event.ts / 1000:.2f} s {cite([event.seq])}:", *fields]
    )


def source(tools: Toolbox, asked: Source) -> str:
    """A file's text, or the lines that hold a text."""
    try:
        if asked.path is not None:
            return _file(asked.path, tools.read_source(asked.path))
        hits = tools.search_source(asked.text or "")
    except CodeUnavailable as error:
        return error.told()
    if not hits:
        return f"{code(asked.text)} does not stand in the source at {tools.trace.code_sha[:7]}."
    lines = [
        bullet(f"{code('{path}:{line}'.format(**hit))} {code(hit['text'], 120)}")
        for hit in hits[:_MAX_LINES]
    ]
    return "\n".join([f"{plural(len(hits), 'line')} with {code(asked.text)}:", *lines])


def _file(path: str, text: str) -> str:
    lines = text.split("\n")
    shown = [f"    {number:>4} {say(line, 160)}" for number, line in enumerate(lines, 1)]
    rest = len(lines) - _MAX_SOURCE
    more = [f"… {plural(rest, 'more line')}"] if rest > 0 else []
    return "\n".join([f"{code(path)}:", *shown[:_MAX_SOURCE], *more])


def steps(tools: Toolbox) -> str:
    """The step table."""
    return "\n".join(_step_line(step) for step in tools.case.view.steps) or "There are no steps."


def _step_line(step: StepView) -> str:
    error = f": {say(step.error, 120)}" if step.error else ""
    return bullet(f"{step.no}. {say(step.title)} — {step.status}{error} {cite([step.seq])}".strip())


def similar(tools: Toolbox) -> str:
    """Other traces of the same cluster."""
    found = tools.find_similar_failures()
    if not found:
        return "No other trace has this failure signature."
    slug = say(tools.trace.signature.slug if tools.trace.signature else "")
    lines = [
        bullet(f"{t['trace']} on {say(t['branch'])} ({t['sha'][:7]}), {t['created']:%d %b %H:%M}")
        for t in found
    ]
    return "\n".join([f"Other traces of {code(slug)}:", *lines])


def mender(tools: Toolbox) -> str:
    """What Mender stored about this trace."""
    found = tools.summarize_mender_analysis()
    if found is None:
        return "Mender has not analysed this trace."
    confidence = found.get("confidence")
    share = f" with confidence {confidence:.0%}" if isinstance(confidence, int | float) else ""
    line = say(found.get("analysis_line") or found.get("analysis"), 500)
    state = say(found.get("state") or found.get("outcome"))
    return f"Mender calls it {say(found.get('classification'))}{share}; state {state}. {line}"
