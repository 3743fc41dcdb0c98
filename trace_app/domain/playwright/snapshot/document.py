"""Writes one frame's recorded tree as HTML: which tags stay, what becomes of links and frames."""

import json
import re
from dataclasses import dataclass
from html import escape
from typing import Any, Final

from trace_app.domain.playwright.model import Package, Snapshot
from trace_app.domain.playwright.snapshot import attributes as rules
from trace_app.domain.playwright.snapshot.css import self_contained
from trace_app.domain.playwright.snapshot.nodes import (
    MAX_NODES,
    FrameHistory,
    attributes_of,
    children_of,
    tag_of,
)
from trace_app.domain.playwright.snapshot.resources import (
    ReadMember,
    Resources,
    absolute,
    data_text,
)

_MAX_CHARS: Final = 48 * 1024 * 1024
_MAX_FRAMES: Final = 8
_FILES_OF_STYLES: Final = ("image/", "font/", "application/")
_DROPPED: Final = frozenset(
    {"script", "noscript", "object", "embed", "applet", "frame", "frameset", "portal", "base"}
    | {"noembed", "noframes", "param", "meta", "track", "source", "fencedframe"}
)
# Elements whose content a parser takes literally would let text escape from its place.
_LITERAL: Final = {"xmp": "pre", "listing": "pre", "plaintext": "pre"}
_VOID: Final = frozenset(
    {"area", "br", "col", "hr", "img", "input", "wbr", "link", "keygen", "bgsound"}
)
_TAG: Final = re.compile(r"[A-Za-z][A-Za-z0-9._-]*")
_TARGET_STYLE: Final = (
    "<style>[data-trace-target]{outline:3px solid #d33!important;outline-offset:2px}"
    "[data-trace-picked]{outline:3px solid #3350c4!important;outline-offset:2px;"
    "box-shadow:0 0 0 9999px #3350c414 inset!important}</style>"
)


class RenderError(ValueError):
    """A snapshot too large to show."""


@dataclass(slots=True)
class Scene:
    """What the frames of one document share, with what is left of the size they may have."""

    package: Package
    read: ReadMember
    histories: dict[str, FrameHistory]
    siblings: list[Snapshot]
    resources: Resources
    picked: Any = None
    nodes: int = 0
    chars: int = 0

    def spend(self, chars: int) -> None:
        """Counts output. Raises RenderError above the limits."""
        self.nodes += 1
        self.chars += chars
        if self.nodes > MAX_NODES or self.chars > _MAX_CHARS:
            raise RenderError("the snapshot is too large to show")


@dataclass(frozen=True, slots=True)
class _Todo:
    """A node still to be written, or text to be put down as it is."""

    node: Any
    index: int = 0
    parent: str = ""
    literal: str = ""


class DocumentWriter:
    """One frame; its child frames are written by writers of their own."""

    def __init__(self, scene: Scene, shot: Snapshot, depth: int) -> None:
        self._scene = scene
        self._shot = shot
        self._depth = depth
        self._history = scene.histories[shot.frame_id]
        self._shots = self._history.snapshots
        self._base = shot.url

    def write(self) -> str:
        """The document's HTML."""
        start = self._history.position(self._shot)
        pieces = ["<!DOCTYPE html>"] if self._shot.doctype.lower() == "html" else []
        pending = [_Todo(self._shot.html, start)]
        while pending:
            todo = pending.pop()
            if todo.literal:
                pieces.append(todo.literal)
                continue
            resolved = self._history.resolve(todo.node, todo.index)
            if resolved is None:
                continue
            node, index = resolved
            if isinstance(node, str):
                piece = self._text(node, todo.parent)
                self._scene.spend(len(piece))
                pieces.append(piece)
            elif tag_of(node):
                opened, follow = self._element(node, index)
                self._scene.spend(len(opened))
                pieces.append(opened)
                pending.extend(reversed(follow))
        return "".join(pieces)

    def _element(self, node: list[Any], index: int) -> tuple[str, list[_Todo]]:
        """The start tag, and what comes after it."""
        tag = _tag(tag_of(node))
        recorded = attributes_of(node)
        if tag == "base" and recorded.get("href"):
            self._base = absolute(self._shot.url, recorded["href"]) or self._base
        if tag in _DROPPED or not tag:
            return "", []
        special = self._special(tag, recorded)
        if special is not None:
            return special, []
        if tag == "template":
            return self._template(node, index, recorded)
        shown = self._attributes(tag, recorded)
        if self._scene.picked is node:
            shown["data-trace-picked"] = ""
        opened = f"<{tag}{_write(shown)}>"
        if tag in _VOID:
            return opened, []
        if tag == "textarea" and "__playwright_value_" in recorded:
            # A parser drops the first line break of a text area.
            return f"{opened}\n{escape(recorded['__playwright_value_'])}</textarea>", []
        return opened, self._children(node, index, tag)

    def _children(self, node: list[Any], index: int, tag: str) -> list[_Todo]:
        follow = [_Todo(child, index, tag) for child in children_of(node)]
        if tag == "head" and self._depth == 0:
            follow.insert(0, _Todo(None, literal='<meta charset="utf-8">'))
        if tag == "head":
            follow.append(_Todo(None, literal=_TARGET_STYLE))
        follow.append(_Todo(None, literal=f"</{tag}>"))
        return follow

    def _special(self, tag: str, recorded: dict[str, str]) -> str | None:
        """Elements that become something else."""
        match tag:
            case "link":
                return self._stylesheet(recorded)
            case "iframe":
                return self._child_frame(recorded)
            case "canvas":
                return self._canvas(recorded)
            case _:
                return None

    def _text(self, text: str, parent: str) -> str:
        return self._css(text, self._base) if parent == "style" else escape(text, quote=False)

    def _template(
        self, node: list[Any], index: int, recorded: dict[str, str]
    ) -> tuple[str, list[_Todo]]:
        """Shadow roots are written as declarative ones, adopted sheets as style elements."""
        if "__playwright_style_sheet_" in recorded:
            css = self._css(recorded["__playwright_style_sheet_"], self._base)
            return f"<style>{css}</style>", []
        if "__playwright_shadow_root_" not in recorded:
            return "", []
        return '<template shadowrootmode="open">', self._children(node, index, "template")

    def _attributes(self, tag: str, recorded: dict[str, str]) -> dict[str, str]:
        shown = rules.with_state(rules.plain(recorded), rules.form_state(tag, recorded))
        if "style" in shown:
            shown["style"] = self._css(shown["style"], self._base)
        if _is_target(recorded, self._shot):
            shown["data-trace-target"] = ""
        for name in rules.LINKS & recorded.keys():
            value = self._link(tag, name, recorded)
            if value is not None:
                shown[name] = value
        return shown

    def _link(self, tag: str, name: str, recorded: dict[str, str]) -> str | None:
        """Addresses: pictures are inlined, places within the page stay, the rest goes nowhere."""
        value = recorded[name]
        if value.startswith("#"):
            return value
        if tag in ("a", "area") and name in ("href", "xlink:href"):
            return "#"
        if tag not in ("img", "image", "input", "video", "body", "table", "td", "feimage"):
            return None
        if name == "src" and tag == "video":
            return None
        current = recorded.get("__playwright_current_src__", value) if name == "src" else value
        return self._inline(absolute(self._base, current), ("image/",))

    def _inline(self, url: str, kinds: tuple[str, ...] = _FILES_OF_STYLES) -> str | None:
        return self._scene.resources.data_uri(url, self._shot, self._shots, kinds)

    def _css(self, css: str, base: str) -> str:
        return self_contained(css, base, self._inline, self._sheet)

    def _sheet(self, url: str) -> str | None:
        if url.startswith("data:"):
            return data_text(url)
        return self._scene.resources.text(url, self._shot, self._shots)

    def _stylesheet(self, recorded: dict[str, str]) -> str:
        words = recorded.get("rel", "").lower().split()
        if "stylesheet" not in words or "alternate" in words or "disabled" in recorded:
            return ""
        url = absolute(self._base, recorded.get("href", ""))
        text = self._sheet(url)
        if text is None:
            return ""
        media = {"media": recorded["media"]} if "media" in recorded else {}
        return f"<style{_write(media)}>{self._css(text, url)}</style>"

    def _child_frame(self, recorded: dict[str, str]) -> str:
        """Child frames travel inside: a sandboxed document may not fetch them."""
        shown = rules.plain(recorded)
        shown.pop("allow", None)
        shown["sandbox"] = ""
        if "style" in shown:
            shown["style"] = self._css(shown["style"], self._base)
        frame_id = recorded.get("src", "").rpartition("/snapshot/")[2]
        child = next((one for one in self._scene.siblings if one.frame_id == frame_id), None)
        if child is not None and child is not self._shot and self._depth < _MAX_FRAMES:
            shown["srcdoc"] = DocumentWriter(self._scene, child, self._depth + 1).write()
            self._scene.spend(len(shown["srcdoc"]))
        return f"<iframe{_write(shown)}></iframe>"

    def _canvas(self, recorded: dict[str, str]) -> str:
        """Pixels are not in the record: the screencast's nearest picture is cropped instead."""
        shown = rules.plain(recorded)
        shown.pop("style", None)
        box = _box(recorded.get("__playwright_bounding_rect__"))
        style = self._css(recorded.get("style", ""), self._base).rstrip("; ")
        parts = [style] if style else []
        if box is not None:
            parts.append(self._cropped(*box))
        shown["style"] = ";".join(parts)
        return f"<div{_write(shown)}></div>"

    def _cropped(self, left: float, top: float, width: float, height: float) -> str:
        size = f"display:inline-block;width:{width}px;height:{height}px"
        frames = [
            frame
            for frame in self._scene.package.frames
            if frame.page_id == self._shot.page_id and frame.file in self._scene.package.members
        ]
        near = min(frames, key=lambda one: abs(one.wall_ms - self._shot.wall_ms), default=None)
        uri = self._scene.resources.member_uri(near.file, "image/jpeg") if near else None
        if near is None or uri is None:
            return size
        return (
            f"{size};background:url({uri}) {-left}px {-top}px/{near.width}px {near.height}px"
            " no-repeat"
        )


def _is_target(recorded: dict[str, str], shot: Snapshot) -> bool:
    """Whether the call acts on this element.

    The mark holds the call's id, as it was before a runner's id replaced it; from format 9 on it
    is empty, because the element is recorded anew when it is no longer the target.
    """
    mark = recorded.get("__playwright_target__")
    return mark == "" or mark in {shot.call_id, shot.original_call_id}


def _tag(raw: str) -> str:
    """A safe tag name: HTML in lower case, SVG as written; "" when it cannot be one."""
    name = raw.lower() if raw.isupper() or not any(char.isupper() for char in raw[1:]) else raw
    lowered = name.lower()
    if lowered in _DROPPED:
        return lowered
    if not _TAG.fullmatch(name):
        return ""
    return _LITERAL.get(lowered, name)


def _write(attributes: dict[str, str]) -> str:
    return "".join(f' {name}="{escape(value)}"' for name, value in attributes.items())


def _box(raw: str | None) -> tuple[float, float, float, float] | None:
    """(left, top, width, height) in CSS pixels of the frame."""
    try:
        rect = json.loads(raw or "")
        left, top = float(rect["left"]), float(rect["top"])
        return left, top, float(rect["right"]) - left, float(rect["bottom"]) - top
    except (ValueError, KeyError, TypeError):
        return None
