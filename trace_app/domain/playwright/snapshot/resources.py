"""Which recorded response a URL of one snapshot meant, and its bytes as a data: URI."""

import base64
import re
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import unquote_to_bytes, urldefrag, urljoin

from trace_app.domain.playwright.model import Entry, Package, Snapshot

MAX_INLINE: Final = 2 * 1024 * 1024
_MAX_TOTAL: Final = 24 * 1024 * 1024
_MIME: Final = re.compile(r"[a-z]+/[a-z0-9.+-]+")
_SAFE_DATA: Final = re.compile(r"data:(?:image|font|application/(?:x-)?font)[a-z0-9/.+-]*[;,]")

type ReadMember = Callable[[str], bytes | None]


def by_url(package: Package) -> dict[str, list[Entry]]:
    """The answers to GET of each URL, in the order they were recorded."""
    found: dict[str, list[Entry]] = {}
    for entry in package.entries:
        if str(entry.request.get("method") or "").upper() == "GET":
            url = urldefrag(str(entry.request.get("url") or "")).url
            found.setdefault(url, []).append(entry)
    return found


class Resources:
    """Looks responses up as the page saw them at the time of one snapshot."""

    def __init__(self, responses: Mapping[str, list[Entry]], read: ReadMember) -> None:
        self._read = read
        self._inlined = 0
        self._by_url = responses

    def text(self, url: str, shot: Snapshot, history: list[Snapshot]) -> str | None:
        """A stylesheet's text; None when it was not recorded."""
        found = self._find(url, shot, history)
        content = self._read(found[0]) if found else None
        return content.decode(errors="replace") if content is not None else None

    def data_uri(
        self, url: str, shot: Snapshot, history: list[Snapshot], kinds: tuple[str, ...]
    ) -> str | None:
        """The resource as data:, None when not recorded, too large, or not of these types."""
        if url.startswith("data:"):
            return url if _SAFE_DATA.match(url.lower()[:80]) else None
        found = self._find(url, shot, history)
        if found is None or not found[1].startswith(kinds):
            return None
        return self.member_uri(*found)

    def member_uri(self, member: str, mime: str) -> str | None:
        """A member as data:, within what one document may hold."""
        content = self._read(member)
        if content is None:
            return None
        if len(content) > MAX_INLINE or self._inlined + len(content) > _MAX_TOTAL:
            return None
        self._inlined += len(content)
        return f"data:{mime};base64,{base64.b64encode(content).decode()}"

    def _find(self, url: str, shot: Snapshot, history: list[Snapshot]) -> tuple[str, str] | None:
        """(member, mime type)."""
        bare = urldefrag(url).url
        entry = self._entry(bare, shot)
        mime = _mime(entry) if entry is not None else _guess(bare)
        if (member := _override(bare, shot, history)) is not None:
            return member, mime
        content = entry.response.get("content") if entry is not None else None
        member = content.get("_file") if isinstance(content, dict) else None
        return (member, mime) if isinstance(member, str) and member else None

    def _entry(self, url: str, shot: Snapshot) -> Entry | None:
        best: Entry | None = None
        for entry in self._by_url.get(url, []):
            if entry.response_ms >= shot.wall_ms or entry.response.get("status") == 304:
                continue
            if best is None or entry.frame_id == shot.frame_id or best.frame_id != shot.frame_id:
                best = entry
        return best


def absolute(base: str, url: str) -> str:
    """The URL as the page resolved it; "" when it cannot be read."""
    try:
        return urljoin(base, url.strip())
    except ValueError:
        return ""


def data_text(url: str) -> str | None:
    """The text of a data: URL that is a stylesheet."""
    head, comma, body = url.partition(",")
    if not comma or not head.startswith("data:text/css"):
        return None
    raw = unquote_to_bytes(body)
    if head.endswith(";base64"):
        try:
            raw = base64.b64decode(raw)
        except ValueError:
            return None
    return raw.decode(errors="replace")


def _override(url: str, shot: Snapshot, history: list[Snapshot]) -> str | None:
    """A sheet changed by script is written beside the snapshot, or refers to an earlier one."""
    for change in shot.overrides:
        if change.get("url") != url:
            continue
        file, back = change.get("file"), change.get("ref")
        if isinstance(file, str) and file:
            return file
        if isinstance(back, int) and shot in history:
            index = history.index(shot) - back
            if 0 <= index < len(history) and back > 0:
                return _override(url, history[index], history)
    return None


def _mime(entry: Entry) -> str:
    content = entry.response.get("content")
    raw = str(content.get("mimeType") or "") if isinstance(content, dict) else ""
    mime = raw.split(";")[0].strip().lower()
    return mime if _MIME.fullmatch(mime) else "application/octet-stream"


def _guess(url: str) -> str:
    return "text/css" if url.endswith(".css") else "application/octet-stream"
