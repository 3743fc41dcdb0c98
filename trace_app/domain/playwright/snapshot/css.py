"""Stylesheets made self-contained: url() becomes data:, @import becomes the sheet itself."""

import re
from collections.abc import Callable
from typing import Final

from trace_app.domain.playwright.snapshot.resources import absolute

_URL: Final = re.compile(r"url\(\s*(?:\"([^\"]*)\"|'([^']*)'|([^\"'()\s]*))\s*\)", re.IGNORECASE)
_IMPORT: Final = re.compile(
    r"@import\s+(?:url\(\s*)?(?:\"([^\"]*)\"|'([^']*)'|([^\"'()\s;]+))\s*\)?\s*([^;{}]*);",
    re.IGNORECASE,
)
_DEPTH: Final = 4
_NOTHING: Final = "url(data:,)"

type Inline = Callable[[str], str | None]


def self_contained(css: str, base: str, inline: Inline, sheet: Inline, depth: int = 0) -> str:
    """The sheet with nothing left to fetch, safe inside <style>.

    `inline` gives a data: URI for an absolute URL, `sheet` the text of an imported one; what
    they do not know is left out.
    """

    def imported(match: re.Match[str]) -> str:
        url = absolute(base, match[1] or match[2] or match[3] or "")
        text = sheet(url) if depth < _DEPTH else None
        if text is None:
            return ""
        body = self_contained(text, url, inline, sheet, depth + 1)
        media = match[4].strip()
        return f"@media {media} {{{body}}}" if media else body

    def linked(match: re.Match[str]) -> str:
        raw = match[1] or match[2] or match[3] or ""
        if raw.startswith("#"):
            return match[0]
        uri = inline(raw if raw.startswith("data:") else absolute(base, raw))
        return f'url("{uri}")' if uri and '"' not in uri else _NOTHING

    return _URL.sub(linked, _IMPORT.sub(imported, css)).replace("</", "<\\/")
