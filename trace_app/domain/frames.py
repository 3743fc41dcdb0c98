"""Stack traces as text: the top frame that belongs to the application, not to a library.

Reads JavaScript and Python stacks; knows nothing of source maps.
"""

import re
from dataclasses import dataclass
from typing import Final

from trace_app.domain.paths import path_of, strip_ansi

_JAVASCRIPT: Final = re.compile(
    r"^\s*(?:at\s+(?:async\s+)?)(?:(?P<function>[^\s(]+)[^(]*\()?(?P<file>[^()\s]+?):(?P<line>\d+):\d+\)?$"
)
_PYTHON: Final = re.compile(r'^\s*File "(?P<file>[^"]+)", line (?P<line>\d+), in (?P<function>\S+)')
_LIBRARY: Final = re.compile(
    r"node_modules/|site-packages/|dist-packages/|^node:|/lib/python3|<frozen "
    r"|^<anonymous>|playwright/|^/deps/"
)
_HASHED: Final = re.compile(r"([.-])[0-9a-f]{6,}(?=\.[a-z]+$)")


@dataclass(frozen=True, slots=True)
class StackFrame:
    """`file` is a path without host, query and build hash; `line` as recorded."""

    file: str
    function: str
    line: int

    @property
    def library(self) -> bool:
        """Whether it is of somebody else's code."""
        return bool(_LIBRARY.search(self.file))


def top_application_frame(stack: str) -> StackFrame | None:
    """The innermost frame outside libraries, None when there is none."""
    return next((frame for frame in stack_frames(stack) if not frame.library), None)


def stack_frames(stack: str) -> list[StackFrame]:
    """Every frame of a stack, the innermost first."""
    javascript, python = [], []
    for line in strip_ansi(stack).splitlines()[:400]:
        if match := _JAVASCRIPT.match(line[:2000]):
            javascript.append(_frame(match))
        elif match := _PYTHON.match(line[:2000]):
            python.append(_frame(match))
    # Python prints the innermost frame last, JavaScript first.
    return [*javascript, *reversed(python)]


def _frame(match: re.Match[str]) -> StackFrame:
    raw = match["file"]
    file = path_of(raw) if "://" in raw else raw
    return StackFrame(_HASHED.sub(r"\1{hash}", file), match["function"] or "", int(match["line"]))
