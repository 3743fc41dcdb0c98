"""Turns a named change into candidate edits of source lines, ranks them, and writes the diff.

Works on texts handed in; reads no repository.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from debugger.domain.changes import REPLACE, SET, Change
from debugger.domain.unified_diff import make_diff
from trace_app.domain.paths import split_url

_WORD_LIKE = re.compile(r"^[\w.-]+$")
_SIDE_PATHS = re.compile(
    r"(^|/)(docs?|tests?|spec|vendor|node_modules|migrations|dist|build)/|(^|/)(readme|changelog)"
    r"|\.(md|rst|lock|txt|min\.js)$|(^|/)test_[^/]*$|_test\.\w+$",
    re.IGNORECASE,
)
_SCENARIO = re.compile(r"\.molar\.md$")
_MARGIN = 1.0


@dataclass(frozen=True, slots=True)
class Hints:
    """What the evidence says about where an edit belongs."""

    scenario_path: str = ""
    scenario_line: int | None = None
    suspect_paths: tuple[str, ...] = ()
    changed_paths: frozenset[str] = frozenset()
    tokens: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """One line that a change could be made to. `line` counts from 1."""

    path: str
    line: int
    before: str
    after: str
    score: float

    @property
    def place(self) -> str:
        """Path and line, as people write it."""
        return f"{self.path}:{self.line}"


@dataclass(slots=True)
class Draft:
    """Files as they stand and as the edits leave them: path → text, None where there is no file."""

    originals: dict[str, str | None] = field(default_factory=dict)
    texts: dict[str, str | None] = field(default_factory=dict)

    def put(self, path: str, original: str | None, text: str | None) -> None:
        """Note what the edits make of a file; the first original stays."""
        self.originals.setdefault(path, original)
        self.texts[path] = text

    def text(self, path: str, original: str | None) -> str | None:
        """The file as the edits so far leave it."""
        return self.texts.get(path, original)

    def diffs(self) -> dict[str, str]:
        """{path: unified diff} of every file that really changed."""
        made = {p: make_diff(p, self.originals[p], text) for p, text in sorted(self.texts.items())}
        return {path: diff for path, diff in made.items() if diff}


def candidates(change: Change, files: Mapping[str, str], hints: Hints) -> list[Candidate]:
    """Every line the change could mean, best first. `files` hold the text searched for."""
    found: list[Candidate] = []
    for path, text in files.items():
        if not _in_scope(change, path):
            continue
        for number, line in enumerate(text.split("\n"), start=1):
            if _other_line(change, number):
                continue
            after = edited_line(change, line, path)
            if after is not None and after != line:
                score = _score(path, number, line, hints) + _literal_bonus(change, line)
                found.append(Candidate(path, number, line, after, score))
    return sorted(found, key=lambda item: (-item.score, item.path, item.line))


def choose(found: list[Candidate]) -> list[Candidate]:
    """The candidates to take: the best file's clear winner; empty when it is a tie."""
    if len(found) <= 1:
        return found
    best = found[0]
    level = [item for item in found if best.score - item.score < _MARGIN]
    return [best] if len(level) == 1 else []


def search_words(change: Change) -> tuple[str, ...]:
    """Texts of which a file must hold one to matter: the literal, or the key's spellings."""
    if change.kind == REPLACE and not change.either:
        return (change.old,)
    return tuple(dict.fromkeys((change.old, *key_spellings(change.old))))


def key_spellings(key: str) -> tuple[str, ...]:
    """`webhook url` → webhook_url, webhook-url, webhookUrl; of a dotted key the last part."""
    last = key.strip().split(".")[-1] if " " not in key else key.strip()
    words = re.split(r"[\s_-]+", last)
    if len(words) < 2 or not all(word.isalnum() for word in words):
        return (last,)
    camel = words[0] + "".join(word.capitalize() for word in words[1:])
    lower = [word.lower() for word in words]
    return tuple(
        dict.fromkeys((last, "_".join(lower), "-".join(lower), camel, "_".join(lower).upper()))
    )


def edited_line(change: Change, line: str, path: str = "") -> str | None:
    """The line with the change made, None when it does not concern this line."""
    if change.kind == SET:
        return _set(change, line)
    replaced = _replace(change, line, path)
    if replaced is None and change.either:
        return _set(change, line)
    if replaced is not None and change.either and _only_as_key(change, line):
        return _set(change, line)
    return replaced


def _only_as_key(change: Change, line: str) -> bool:
    return _set(change, line) is not None


def _replace(change: Change, line: str, path: str) -> str | None:
    old = change.old
    if _WORD_LIKE.match(old):
        pattern = re.compile(rf"(?<![\w.-]){re.escape(old)}(?![\w-])")
        if not pattern.search(line):
            return None
        return pattern.sub(lambda _found: change.new, line)
    return line.replace(old, change.new) if old in line else None


def _set(change: Change, line: str) -> str | None:
    for key in key_spellings(change.old):
        found = re.match(
            rf"^(?P<head>.*?(?<![\w.-])[\"']?{re.escape(key)}[\"']?\s*(?:=(?!=)|:(?!:)|=>)\s*)"
            r"(?P<value>\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|[^\s,;)\]}#]+)(?P<tail>.*)$",
            line,
        )
        if found:
            return found["head"] + _like(found["value"], change.new) + found["tail"]
    return None


def _like(old: str, new: str) -> str:
    """The new value written as the old one was.

    That is with its quotes, and with its origin when only a path is named for a whole URL.
    """
    quote = old[:1] if old[:1] in "\"'" else ""
    inner = old[1:-1] if quote else old
    parts = split_url(inner)
    if parts.scheme and parts.netloc and new.startswith("/"):
        new = f"{parts.scheme}://{parts.netloc}{new}"
    if not quote:
        return new
    return quote + new.replace("\\", "\\\\").replace(quote, "\\" + quote) + quote


def _in_scope(change: Change, path: str) -> bool:
    if change.path is None:
        return True
    wanted = change.path.partition(":")[0].removeprefix("./")
    return path == wanted or path.endswith("/" + wanted)


def _other_line(change: Change, number: int) -> bool:
    wanted = change.path.partition(":")[2] if change.path else ""
    return wanted.isdigit() and int(wanted) != number


def _score(path: str, number: int, line: str, hints: Hints) -> float:
    score = 0.0
    if path == hints.scenario_path:
        score += 1.5 + (4.0 if number == hints.scenario_line else 0.0)
    elif _SCENARIO.search(path):
        score -= 3.0
    elif _SIDE_PATHS.search(path):
        score -= 2.0
    if path in hints.suspect_paths:
        score += 1.0
    elif path in hints.changed_paths:
        score += 0.5
    score += 0.5 * min(3, sum(token in line for token in hints.tokens))
    return score - (1.0 if line.lstrip().startswith(("#", "//", "*", "<!--")) else 0.0)


def _literal_bonus(change: Change, line: str) -> float:
    """A whole quoted literal or assigned key is meant more often than a part of a longer one."""
    old = re.escape(change.old)
    return 1.0 if re.search(rf"[\"'`>]\s*{old}\s*[\"'`<]", line) else 0.0


def apply(draft: Draft, files: Mapping[str, str], chosen: Iterable[Candidate]) -> None:
    """Write the chosen candidates into the draft, on top of what it already changed."""
    for item in chosen:
        original = files[item.path]
        lines = (draft.text(item.path, original) or "").split("\n")
        if lines[item.line - 1] == item.before:
            lines[item.line - 1] = item.after
        draft.put(item.path, original, "\n".join(lines))


def paths_of(found: Collection[Candidate]) -> tuple[str, ...]:
    """The files of the candidates, best first."""
    return tuple(dict.fromkeys(item.path for item in found))
