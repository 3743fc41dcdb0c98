"""Team selectors: a list of simple CSS selectors, matched on snapshot nodes and call targets.

Each names one element by itself: a snapshot keeps what changed, so what stands around an element
need not be in it, and a call's target says nothing of it.
"""

import re
from dataclasses import dataclass
from typing import Any, Final

from trace_app.domain.redaction.patterns import RuleError

MAX_SELECTOR: Final = 200
_NAME: Final = r"[A-Za-z_][A-Za-z0-9_-]*"
_BARE: Final = re.compile(r"[A-Za-z0-9_.:-]+")
_PART: Final = re.compile(
    rf"""(?P<tag>^{_NAME}) | \#(?P<id>{_NAME}) | \.(?P<cls>{_NAME})
       | \[(?P<attr>{_NAME})(?:=(?P<value>{_BARE.pattern}|"[^"\\]*"|'[^'\\]*'))?\]""",
    re.VERBOSE,
)
# A comma in quotes is a value's.
_BETWEEN: Final = re.compile(r""",(?=(?:[^"']|"[^"]*"|'[^']*')*$)""")
_QUOTED: Final = re.compile(r"""([\"']).*?\1""")
_BRACKETS: Final = re.compile(r"\[[^]]*\]?")
_ESCAPE: Final = re.compile(r"\\")
_COMPARES: Final = re.compile(r"[~|^$*]=")
# The first of these that stands in what cannot be read, outside of brackets, says why.
_WHY: Final = (
    (
        re.compile(r"^[>+~]|[>+~]$|\S[\s>+~]+\S"),
        "write one element itself, without what it stands in or beside",
    ),
    (re.compile(r":"), "leave out :hover, :not() and the like"),
    (re.compile(r"\*"), "name a tag, an id, a class or an attribute in place of *"),
)
_NAMES: Final = (
    "write names of letters, digits, - and _ that begin with a letter or _, and a value of other"
    " characters in quotes; within [] nothing else stands, no space either"
)
# Playwright writes internal:testid=[data-testid="card"s]; quotes and flags mean nothing here.
_NOISE: Final = re.compile(r"[\"']|(?<=[\"'])[si](?=\])")


@dataclass(frozen=True, slots=True)
class Selector:
    """`text` as written; the rest is what a node must have. Attribute value None: any."""

    text: str
    tag: str
    classes: frozenset[str]
    attributes: tuple[tuple[str, str | None], ...]

    @property
    def word(self) -> str:
        """The longest name in it: a line without this word has no matching node."""
        names = [self.tag, *self.classes]
        for attribute, value in self.attributes:
            named = value if attribute == "id" and value else attribute
            names.append(named if _BARE.fullmatch(named) else attribute)
        return max(names, key=len)

    def matches(self, tag: str, attributes: dict[str, Any]) -> bool:
        """Whether a snapshot node of this tag and these attributes is meant."""
        if self.tag and self.tag != tag.lower():
            return False
        if not self.classes <= set(str(attributes.get("class") or "").split()):
            return False
        return all(
            name in attributes and (value is None or attributes[name] == value)
            for name, value in self.attributes
        )

    def meant_by(self, target: str) -> bool:
        """Whether a call's target names it: the selector stands in it, whole."""
        found = re.escape(_NOISE.sub("", self.text))
        return re.search(rf"{found}(?![\w-])", _NOISE.sub("", target)) is not None


def parse_selectors(text: str) -> tuple[Selector, ...]:
    """Reads a list of `tag`, `#id`, `.class`, `[name]`, `[name=value]` and these together.

    A value of other characters than names have is quoted: `[aria-label="Card number"]`.
    Raises RuleError for anything else, such as descendants, saying which part and why.
    """
    return tuple(_parse(part.strip()) for part in _BETWEEN.split(text))


def _parse(text: str) -> Selector:
    tag, classes, attributes, at = "", [], [], 0
    while at < len(text) <= MAX_SELECTOR:
        part = _PART.match(text, at)
        if part is None or part.end() == at:
            break
        tag = (part["tag"] or "").lower() or tag
        if part["cls"]:
            classes.append(part["cls"])
        if part["id"] or part["attr"]:
            attributes.append(("id", part["id"]) if part["id"] else (part["attr"], _value(part)))
        at = part.end()
    if not text or at < len(text):
        raise RuleError(_refusal(text))
    return Selector(text, tag, frozenset(classes), tuple(attributes))


def _value(part: re.Match[str]) -> str | None:
    value = part["value"]
    return value[1:-1] if value and value[0] in "\"'" else value


def _refusal(text: str) -> str:
    takes = "A selector is tag, #id, .class, [name], [name=value] or these together"
    if not text:
        return f"{takes}; between two commas there must be one."
    return f"{takes}. In {text[:80]} {_why(text)}."


def _why(text: str) -> str:
    if len(text) > MAX_SELECTOR:
        return f"write at most {MAX_SELECTOR} characters"
    if _ESCAPE.search(text):
        return "leave out escapes"
    # Values are quoted freely; only what stands outside says what is meant.
    unquoted = _QUOTED.sub("", text)
    if _COMPARES.search(unquoted):
        return "compare an attribute by = alone"
    bare = _BRACKETS.sub("[]", unquoted)
    return next((words for pattern, words in _WHY if pattern.search(bare)), _NAMES)
