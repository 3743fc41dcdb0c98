"""The words of a recorded page, line by line, for comparing two of its snapshots. No layout."""

from collections.abc import Iterable, Iterator

from trace_app.domain.playwright.snapshot.elements import Element

_FIELDS = ("input", "textarea", "select")


def page_lines(elements: Iterable[Element]) -> Iterator[str]:
    """A line for each text and for each filled field, in document order.

    An element's text holds that of children that hold only text: it is one line where the element
    has words of its own, and theirs where it has none.
    """
    listed = list(elements)
    parents = _parents(listed)
    inner: dict[int, list[str]] = {}
    for at, one in enumerate(listed):
        if one.text:
            inner.setdefault(parents[at], []).append(one.text)
    told: dict[int, str] = {}
    for at, one in enumerate(listed):
        value = one.attributes.get("value", "")
        if one.tag in _FIELDS and value:
            yield f"{one.attributes.get('name') or one.key} = {value}"
        elif (
            one.text
            and one.text not in told.get(parents[at], "")
            and one.text != " ".join(inner.get(at, ()))
        ):
            told[at] = one.text
            yield one.text


def _parents(listed: list[Element]) -> list[int]:
    """The position of each element's parent; −1 for the root."""
    found: list[int] = []
    way: list[int] = []
    for at, one in enumerate(listed):
        while way and listed[way[-1]].depth >= one.depth:
            way.pop()
        found.append(way[-1] if way else -1)
        way.append(at)
    return found
