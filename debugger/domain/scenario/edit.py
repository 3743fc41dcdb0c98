"""Small changes to a scenario: an expectation, a target, a step. Other lines stay as they are."""

from dataclasses import replace

from debugger.domain.scenario.errors import ScenarioEditError
from debugger.domain.scenario.expectations import format_expectation
from debugger.domain.scenario.model import Expectation, Scenario, Step, Target
from debugger.domain.scenario.parser import parse
from debugger.domain.scenario.verbs import format_action


def add_expectation(scenario: Scenario, step: int, expectation: Expectation) -> Scenario:
    """Adds a nested expectation below the step's last one."""
    at = _step(scenario, step)
    indent = _indent(scenario, at)
    return _insert(scenario, at.last_line, f"{indent}{format_expectation(expectation)}")


def replace_expectation(
    scenario: Scenario, step: int, index: int, expectation: Expectation
) -> Scenario:
    """Writes another expectation in the place of the step's `index`-th (from 0)."""
    old = _expectation(scenario, step, index)
    return _rewrite(scenario, old.line, old.text, format_expectation(expectation))


def remove_expectation(scenario: Scenario, step: int, index: int) -> Scenario:
    """Takes a nested expectation away. An expect step's own one cannot go: it is the step."""
    old = _expectation(scenario, step, index)
    if old.line == _step(scenario, step).line:
        raise ScenarioEditError(f"expectation {index} is step {step} itself")
    lines = list(scenario.lines)
    del lines[old.line - 1]
    return _parsed(scenario, lines)


def set_target(scenario: Scenario, step: int, target: Target) -> Scenario:
    """Points the step's action at another target."""
    at = _step(scenario, step)
    if at.action.target is None:
        raise ScenarioEditError(f"step {step} has no target")
    action = replace(at.action, target=target)
    return _rewrite(scenario, at.line, at.text, format_action(action))


def append_step(scenario: Scenario, text: str) -> Scenario:
    """Adds a step at the end; `text` without its number. Raises ScenarioError if not valid."""
    last = scenario.steps[-1]
    return _insert(scenario, last.last_line, f"{last.no + 1}. {text}")


def invert_expectation(expectation: Expectation) -> Expectation:
    """The expectation that holds exactly when this one does not."""
    return replace(expectation, negated=not expectation.negated, text="")


def _step(scenario: Scenario, no: int) -> Step:
    step = scenario.step(no)
    if step is None:
        raise ScenarioEditError(f"there is no step {no}")
    return step


def _expectation(scenario: Scenario, step: int, index: int) -> Expectation:
    expectations = _step(scenario, step).expectations
    if not 0 <= index < len(expectations):
        raise ScenarioEditError(f"step {step} has no expectation {index}")
    return expectations[index]


def _indent(scenario: Scenario, step: Step) -> str:
    nested = [e for e in step.expectations if e.line != step.line]
    if not nested:
        return "   - "
    return scenario.lines[nested[-1].line - 1].partition(nested[-1].text)[0]


def _ending(line: str) -> str:
    return line[len(line.rstrip("\r\n")) :]


def _insert(scenario: Scenario, after: int, text: str) -> Scenario:
    lines = list(scenario.lines)
    ending = _ending(lines[after - 1])
    if not ending:
        # The file's last line has no end: the new last line has none either.
        lines[after - 1] += _ending(lines[0])
    lines.insert(after, text + ending)
    return _parsed(scenario, lines)


def _rewrite(scenario: Scenario, line: int, old: str, new: str) -> Scenario:
    lines = list(scenario.lines)
    head, _, tail = lines[line - 1].partition(old)
    lines[line - 1] = f"{head}{new}{tail}"
    return _parsed(scenario, lines)


def _parsed(scenario: Scenario, lines: list[str]) -> Scenario:
    return parse("".join(lines), path=scenario.path)
