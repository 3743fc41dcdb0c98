"""How the Debugger writes: captured text is made harmless and short, code stands in backticks."""

from debugger.domain.citations import disarm
from debugger.domain.layout import FOLD

_LIMIT = 200


def say(captured: object, limit: int = _LIMIT) -> str:
    """Captured text on one line, cut, unable to pose as a citation or to open a code span."""
    folded = " ".join(str(captured if captured is not None else "").split())
    short = folded if len(folded) <= limit else folded[: limit - 1] + "…"
    return disarm(short if short.count("`") % 2 == 0 else short.replace("`", "ˋ"))


def code(captured: object, limit: int = _LIMIT) -> str:
    """The same in a code span, or in quotation marks when it has code spans of its own."""
    said = say(captured, limit)
    if not said:
        return "nothing"
    return f"“{said}”" if "`" in said else f"`{said}`"


def bullet(text: str) -> str:
    """One line of a list."""
    return f"- {text}"


def folded(captured: object) -> str:
    """Another program's words, which few need to read: shown when they are asked for."""
    return f"{FOLD}\n    {say(captured, 1000)}"


def plural(count: int, word: str) -> str:
    """`1 commit`, `2 commits`."""
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def paragraphs(*parts: str | list[str]) -> str:
    """Paragraphs with an empty line between; lists keep their lines together; empty ones drop."""
    texts = ["\n".join(part) if isinstance(part, list) else part for part in parts]
    return "\n\n".join(text for text in texts if text.strip())
