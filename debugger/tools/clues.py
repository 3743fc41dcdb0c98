"""From a trace's evidence to texts worth looking for in the changed code."""

import re
from collections.abc import Callable, Iterator

from debugger.domain.suspects import Clue, words
from debugger.domain.wording import code, say
from debugger.tools.case import Case
from trace_app.domain.diff import Row
from trace_app.domain.diff.network import Exchange, exchanges
from trace_app.domain.labels import target_text
from trace_app.domain.paths import path_of

_QUOTED = re.compile(r"[\"'`“]([^\"'`“”]{3,120})[\"'`”]")
_MAX_ROWS = 12


def clues_of(case: Case) -> list[Clue]:
    """Clues of the failure, each text once with its greatest weight."""
    best: dict[str, Clue] = {}
    for clue in (*_network(case), *_failure(case), *_frame(case), *_green(case), *_titles(case)):
        known = best.get(clue.text)
        if known is None or known.weight < clue.weight:
            best[clue.text] = clue
    return sorted(best.values(), key=lambda clue: -clue.weight)


def failed_exchanges(case: Case, step: int) -> list[Exchange]:
    """Failed requests of a step; static files last."""
    failed = [item for item in exchanges(case.view) if item.failed and item.step == step]
    return sorted(failed, key=lambda item: item.static)


def _network(case: Case) -> Iterator[Clue]:
    step = case.failing_step
    for item in failed_exchanges(case, step.no) if step else ():
        label = f"{code(item.path, 100)}, which answered {item.outcome}"
        yield Clue(item.path, 3.0, label, item.cite)
        for word in words(item.path):
            yield Clue(word, 0.5, f"“{say(word, 60)}”, a word of the failing path", item.cite)


def _failure(case: Case) -> Iterator[Clue]:
    if case.parts is None:
        return
    event = case.by_seq[case.parts.failure.seq]
    data = {**event.data, "target": target_text(event.data.get("target"))}
    for name in ("text", "target", "expected", "actual", "value"):
        for text in _texts(data.get(name)):
            label = f"“{say(text, 80)}”, which the step is about"
            yield Clue(text, 2.0 if name != "actual" else 1.5, label, event.seq)
    for word in words(" ".join(str(data.get(n) or "") for n in ("text", "target", "actual"))):
        yield Clue(word, 0.5, f"“{say(word, 60)}”, a word of the failed check", event.seq)


def _texts(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for part in value.values() for text in _texts(part)]
    if not isinstance(value, str):
        return []
    quoted = _QUOTED.findall(value)
    return quoted or ([value] if 3 <= len(value) <= 120 and "\n" not in value else [])


def _frame(case: Case) -> Iterator[Clue]:
    frame = case.parts.frame if case.parts else None
    if frame is not None:
        name = frame.file.rsplit("/", 1)[-1]
        yield Clue(name, 1.5, f"{code(name, 80)}, where the error came from", frame.seq)
        if len(frame.function) > 3 and frame.function.isidentifier():
            label = f"{code(frame.function, 80)}, where the error came from"
            yield Clue(frame.function, 2.0, label, frame.seq)


def _green(case: Case) -> Iterator[Clue]:
    """Values, messages and page texts that the last green run did not have."""
    if case.diff is None:
        return
    for name, reader in _READERS:
        for row in _loud(case, name):
            yield from reader(row)


def _page_clues(row: Row) -> Iterator[Clue]:
    for text in sorted({*_QUOTED.findall(row.after or ""), *_QUOTED.findall(row.before or "")}):
        yield Clue(text, 1.5, f"“{say(text, 80)}”, new or gone on the page since green", row.seq_b)


def _request_clues(row: Row) -> Iterator[Clue]:
    for url in (row.detail.get("path_a"), row.detail.get("path_b")):
        path = path_of(str(url or ""))
        if len(path) > 3:
            yield Clue(
                path, 1.5, f"{code(path, 100)}, requested differently than in green", row.seq_b
            )


def _message_clues(row: Row) -> Iterator[Clue]:
    for word in words(row.after or ""):
        yield Clue(word, 0.4, f"“{say(word, 60)}”, a word of a new message", row.seq_b)


def _loud(case: Case, name: str) -> list[Row]:
    rows = case.diff.dimensions[name].rows if case.diff else ()
    return [row for row in rows if not row.minor][:_MAX_ROWS]


def _value_clues(row: Row) -> Iterator[Clue]:
    path = str(row.detail.get("path") or "")
    weight = 1.0 if row.detail.get("expected") else 0.6
    for word in words(path):
        yield Clue(
            word, weight, f"“{say(word, 60)}”, a clone value that differs from green", row.seq_b
        )
    before, after = row.detail.get("before"), row.detail.get("after")
    if isinstance(before, str) and isinstance(after, str):
        for word in sorted(set(before.split()) ^ set(after.split())):
            if len(word) > 3 and not any(sign.isdigit() for sign in word):
                label = f"“{say(word, 60)}”, which differs from green in {say(path, 80)}"
                yield Clue(word.strip(".,;:!"), 1.2, label, row.seq_b)


_READERS: tuple[tuple[str, Callable[[Row], Iterator[Clue]]], ...] = (
    ("clones", _value_clues),
    ("dom", _page_clues),
    ("network", _request_clues),
    ("console", _message_clues),
)


def _titles(case: Case) -> Iterator[Clue]:
    """Words of the steps up to the failing one; they tell more when a value came out wrong."""
    step = case.failing_step
    if step is None:
        return
    values = bool(_loud(case, "clones") or _loud(case, "dom"))
    for item in case.view.steps:
        if item.no <= step.no:
            for word in words(item.title):
                weight = 0.8 if values else 0.4
                yield Clue(word, weight, f"“{say(word, 60)}”, a word of step {item.no}", item.seq)
