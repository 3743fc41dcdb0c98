"""What is said about a scenario that cannot be read or edited; not about one that fails."""

from collections.abc import Iterable
from difflib import get_close_matches


class ScenarioError(ValueError):
    """A scenario (or molar.toml) that is not valid, at one place.

    `line` and `column` are 1-based; `suggestion` is the nearest valid word, or None.
    """

    def __init__(self, line: int, column: int, message: str, suggestion: str | None = None) -> None:
        self.line = line
        self.column = column
        self.message = message
        self.suggestion = suggestion
        super().__init__(str(self))

    def __str__(self) -> str:
        hint = f" Did you mean “{self.suggestion}”?" if self.suggestion else ""
        return f"line {self.line}, column {self.column}: {self.message}{hint}"


class ScenarioEditError(ValueError):
    """An edit that has no place in this scenario: no such step, no such expectation."""


def nearest(word: str, valid: Iterable[str]) -> str | None:
    """The valid word most like `word`, or None when nothing is near."""
    by_case = {choice.lower(): choice for choice in valid}
    found = get_close_matches(word.lower(), list(by_case), n=1, cutoff=0.5)
    return by_case[found[0]] if found else None


def unknown_word(
    line: int, column: int, what: str, word: str, valid: Iterable[str]
) -> ScenarioError:
    """The error for a word outside a closed list; names the list when nothing is near."""
    choices = sorted(valid)
    suggestion = nearest(word, choices)
    message = f"unknown {what} “{word}”."
    if suggestion is None:
        message += f" Valid: {', '.join(choices)}."
    return ScenarioError(line, column, message, suggestion)
