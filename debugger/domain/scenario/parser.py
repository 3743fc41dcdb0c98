"""Reads a `.molar.md` file and renders it back byte for byte. Pure: it opens no file."""

import re
from collections.abc import Sequence
from typing import Final

from debugger.domain.scenario.errors import ScenarioError
from debugger.domain.scenario.expectations import read_expectation
from debugger.domain.scenario.front_matter import read_front_matter
from debugger.domain.scenario.model import MAX_STEPS, Action, Expectation, Scenario, Step
from debugger.domain.scenario.tokens import Tokens
from debugger.domain.scenario.verbs import read_action, read_verb

MAX_BYTES: Final = 1 << 20
MAX_LINE: Final = 10_000
_STEP: Final = re.compile(r"([0-9]{1,6})\.[ \t]+(\S.*)")
_BULLET: Final = re.compile(r"([ \t]+[-*][ \t]+)(\S.*)")
_FENCE: Final = re.compile(r"[ ]{0,3}(```|~~~)")
_COMMENT: Final = re.compile(r"[ \t]*<!--.*-->[ \t]*")


def parse(text: str, *, path: str = "") -> Scenario:
    """Reads a scenario; `path` is kept for people. Raises ScenarioError with line and column."""
    if len(text) > MAX_BYTES:
        raise ScenarioError(1, 1, "a scenario is at most 1 MiB.")
    lines = tuple(re.findall(r"[^\n]*\n|[^\n]+", text))
    bare = [line.rstrip("\r\n") for line in lines]
    for number, line in enumerate(bare, start=1):
        if len(line) > MAX_LINE:
            raise ScenarioError(number, MAX_LINE, f"a line has at most {MAX_LINE} characters.")
    body = _front_matter_end(bare)
    head = read_front_matter("\n".join(bare[1 : body - 1]))
    title, first = _title(bare, body)
    steps = _steps(bare, first)
    return Scenario(head=head, title=title, steps=steps, lines=lines, path=path)


def render(scenario: Scenario) -> str:
    """The scenario's text, byte for byte what was read (or what the edits made of it)."""
    return "".join(scenario.lines)


def _front_matter_end(bare: Sequence[str]) -> int:
    """The index of the first line below the front matter."""
    if not bare or bare[0].rstrip() != "---":
        raise ScenarioError(1, 1, "a scenario begins with “---” and its front matter.")
    for index in range(1, len(bare)):
        if bare[index].rstrip() == "---":
            return index + 1
    raise ScenarioError(len(bare), 1, "the front matter is not closed by “---”.")


def _title(bare: Sequence[str], start: int) -> tuple[str, int]:
    """The title and the index of the first line below “## Steps”."""
    title: str | None = None
    fenced = False
    for index in range(start, len(bare)):
        line = bare[index]
        if _FENCE.match(line):
            fenced = not fenced
        elif fenced:
            continue
        elif line.startswith("# ") and title is None:
            title = line[2:].strip()
        elif line.rstrip() == "## Steps":
            if not title:
                raise ScenarioError(index + 1, 1, "a “# Title” must stand above “## Steps”.")
            return title, index + 1
    what = "there is no “## Steps”." if title else "there is no “# Title”."
    raise ScenarioError(len(bare), 1, what)


def _steps(bare: Sequence[str], start: int) -> tuple[Step, ...]:
    steps: list[Step] = []
    for index in range(start, len(bare)):
        line, number = bare[index], index + 1
        if not line.strip() or _COMMENT.fullmatch(line):
            continue
        if line.startswith("## "):
            break
        if found := _STEP.fullmatch(line):
            steps.append(_step(found, number, len(steps) + 1))
        elif (bullet := _BULLET.fullmatch(line)) and steps:
            steps[-1] = _nest(steps[-1], bullet, number)
        else:
            raise _stray(line, number)
    if not steps:
        raise ScenarioError(start, 1, "there is no step below “## Steps”.")
    return tuple(steps)


def _step(found: re.Match[str], line: int, no: int) -> Step:
    if no > MAX_STEPS:
        raise ScenarioError(line, 1, f"a scenario has at most {MAX_STEPS} steps.")
    if int(found[1]) != no:
        raise ScenarioError(line, 1, f"this step should have the number {no}.", f"{no}.")
    text = found[2].rstrip()
    tokens = Tokens(text, line, found.start(2) + 1)
    verb = read_verb(tokens)
    if verb in ("expect", "assert"):
        expectation = read_expectation(tokens, text)
        return Step(no, text, line, Action("expect"), (expectation,))
    return Step(no, text, line, read_action(verb, tokens))


def _nest(step: Step, bullet: re.Match[str], line: int) -> Step:
    expectation = _nested(bullet, line)
    return Step(step.no, step.text, step.line, step.action, (*step.expectations, expectation))


def _nested(bullet: re.Match[str], line: int) -> Expectation:
    text = bullet[2].rstrip()
    tokens = Tokens(text, line, bullet.start(2) + 1)
    tokens.require("expect", "assert")
    return read_expectation(tokens, text)


def _stray(line: str, number: int) -> ScenarioError:
    column = len(line) - len(line.lstrip()) + 1
    message = "expected a step (“1. click …”) or a nested “   - expect …”."
    return ScenarioError(number, column, message)
