"""Team selectors: one simple CSS selector each, matched on snapshot nodes and on call targets."""

import re
from dataclasses import dataclass
from typing import Any, Final

from trace_app.domain.redaction.patterns import RuleError

MAX_SELECTOR: Final = 200
_NAME: Final = r"[A-Za-z_][A-Za-z0-9_-]*"
_PART: Final = re.compile(
    rf"""(?P<tag>^{_NAME}) | \#(?P<id>{_NAME}) | \.(?P<cls>{_NAME})
       | \[(?P<attr>{_NAME})(?:=["']?(?P<value>[A-Za-z0-9_.:-]+)["']?)?\]""",
    re.VERBOSE,
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
            names.append(value if attribute == "id" and value else attribute)
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


def parse_selector(text: str) -> Selector:
    """Reads `tag`, `#id`, `.class`, `[name]`, `[name=value]` and their combinations.

    Raises RuleError for anything else, such as descendants.
    """
    tag, classes, attributes, at = "", [], [], 0
    while at < len(text) and len(text) <= MAX_SELECTOR:
        part = _PART.match(text, at)
        if part is None or part.end() == at:
            break
        tag = (part["tag"] or "").lower() or tag
        if part["cls"]:
            classes.append(part["cls"])
        if part["id"] or part["attr"]:
            attributes.append(("id", part["id"]) if part["id"] else (part["attr"], part["value"]))
        at = part.end()
    if not text or at < len(text):
        raise RuleError(
            "Write one element: tag, #id, .class, [name] or [name=value], as in input#card."
        )
    return Selector(text, tag, frozenset(classes), tuple(attributes))
