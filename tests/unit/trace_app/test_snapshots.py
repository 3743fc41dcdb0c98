"""DOM snapshots as HTML: faithful, and with nothing left that could run or fetch."""

import re
from pathlib import Path
from typing import Any

import pytest

from trace_app.domain.archive import Archive
from trace_app.domain.playwright import Package, read_package
from trace_app.domain.playwright.model import Entry, Place, Snapshot
from trace_app.domain.playwright.snapshot import Renderer, RenderError
from trace_app.domain.playwright.snapshot.css import self_contained

FOLDER = Path(__file__).parents[2] / "fixtures" / "playwright"
NOWHERE = Place("t", 1)


def shot(html: Any, call: str = "c1", frame: str = "f1", **fields: Any) -> Snapshot:
    values: dict[str, Any] = {
        "wall_ms": 100.0,
        "call_id": call,
        "phase": "before",
        "page_id": "p",
        "frame_id": frame,
        "url": "http://app/dir/page",
        "is_main": frame == "f1",
        "doctype": "html",
        "html": html,
        "viewport": {"width": 800, "height": 600},
        "overrides": (),
        "place": NOWHERE,
    }
    return Snapshot(**{**values, **fields})


def entry(
    url: str, member: str, mime: str, at: float = 1.0, frame: str = "f1", status: int = 200
) -> Entry:
    response = {"status": status, "content": {"mimeType": mime, "_file": member}}
    return Entry(at, at, at, frame, "p", {"method": "GET", "url": url}, response, "", NOWHERE)


def render(
    *shots: Snapshot, entries: tuple[Entry, ...] = (), files: dict[str, bytes] | None = None
) -> str:
    package = Package(version=10, snapshots=list(shots), entries=list(entries))
    package.members = frozenset(files or {})
    shown = Renderer(package, (files or {}).get).render(shots[-1].call_id, "before")
    assert shown is not None
    return shown.html


def body(*children: Any, **attributes: str) -> list[Any]:
    return ["HTML", {}, ["HEAD"], ["BODY", attributes, *children]]


def test_later_snapshots_repeat_earlier_nodes() -> None:
    first = shot(body(["P", {}, "one"], ["B", {}, "two"]), call="c0")
    # Post-order: HEAD 0, "one" 1, P 2, "two" 3, B 4.
    second = shot(body([[1, 4]], [[1, 2]]))
    assert "<b>two</b><p>one</p>" in render(first, second)
    third = shot(["HTML", {}, [[1, 0]], ["BODY", {}, [[2, 2]], [[9, 9]], [[1, 999]]]])
    assert "<p>one</p></body>" in render(first, second, third)


HOSTILE: list[Any] = [
    ["SCRIPT", {}, "alert(1)"],
    ["script", {}, "alert(1)"],
    ["IMG", {"src": "javascript:alert(1)", "onerror": "alert(1)"}],
    ["A", {"href": "javascript:alert(1)", "onclick": "alert(1)", "ping": "http://evil"}, "x"],
    ["IFRAME", {"srcdoc": "<script>alert(1)</script>"}],
    ["IFRAME", {"src": "javascript:alert(1)"}],
    ["OBJECT", {"data": "http://evil"}],
    ["EMBED", {"src": "http://evil"}],
    ["META", {"http-equiv": "refresh", "content": "0;url=http://evil"}],
    ["BASE", {"href": "http://evil"}],
    ["FORM", {"action": "http://evil"}, ["BUTTON", {"formaction": "http://evil"}, "go"]],
    ["STYLE", {}, "</style><script>alert(1)</script>"],
    ["STYLE", {}, "@import url(http://evil/x.css); a{background:url(http://evil/x)}"],
    ["P", {"style": "background:url(http://evil/x)"}],
    ["PLAINTEXT", {}, "<script>alert(1)</script>"],
    ["XMP", {}, "</xmp><script>alert(1)</script>"],
    ["TEXTAREA", {}, "</textarea><script>alert(1)</script>"],
    ["TITLE", {}, "</title><script>alert(1)</script>"],
    ["NOSCRIPT", {}, "<img src=x onerror=alert(1)>"],
    ['P"><SCRIPT>alert(1)</SCRIPT', {}, "x"],
    ["P", {'x"><script>alert(1)</script>': "y"}, "z"],
    ["P", {"title": '"><script>alert(1)</script>'}, "z"],
    ["svg", {}, ["script", {}, "alert(1)"], ["use", {"href": "http://evil/x.svg#a"}]],
    ["IMG", {"srcset": "http://evil 2x", "src": "http://evil/x.png"}],
    ["LINK", {"rel": "stylesheet", "href": "http://evil/x.css"}],
    ["LINK", {"rel": "preload", "href": "http://evil/x.js"}],
    ["VIDEO", {"src": "http://evil/x.mp4", "poster": "http://evil/p.png"}],
    ["template", {}, ["SCRIPT", {}, "alert(1)"]],
]


@pytest.mark.parametrize(
    "node", HOSTILE, ids=[str(node[0])[:12] + str(no) for no, node in enumerate(HOSTILE)]
)
def test_hostile_markup_comes_out_inert(node: Any) -> None:
    html = render(shot(body(node)))
    # A parser takes what stands in <style> as text up to the first "</style".
    tags = re.findall(r"<[^>]*>", re.sub(r"<style[^>]*>.*?</style", "", html, flags=re.DOTALL))
    assert not any(
        re.match(r"<\s*(script|object|embed|base)\b", tag, re.IGNORECASE) for tag in tags
    )
    assert not any(re.search(r"\son\w+\s*=", tag) for tag in tags if "title=" not in tag)
    assert "evil" not in html
    assert "javascript:" not in html
    assert "http-equiv" not in html


def test_what_a_person_saw_in_controls() -> None:
    html = render(
        shot(
            body(
                ["INPUT", {"value": "old", "__playwright_value_": "typed"}],
                ["INPUT", {"type": "password", "__playwright_value_": "hunter2"}],
                ["INPUT", {"type": "checkbox", "checked": "", "__playwright_checked_": "false"}],
                ["TEXTAREA", {"__playwright_value_": "<a>"}, "old"],
                ["OPTION", {"__playwright_selected_": "true"}, "o"],
                ["BUTTON", {"__playwright_target__": "c1"}, "b"],
            )
        )
    )
    assert '<input value="typed">' in html
    assert "hunter2" not in html
    assert "••••••••" in html
    assert '<input type="checkbox">' in html
    assert "&lt;a&gt;</textarea>" in html
    assert '<option selected="">o</option>' in html
    assert '<button data-trace-target="">' in html


@pytest.mark.parametrize(("mark", "marked"), [("", True), ("c1", True), ("c0", False)])
def test_the_target_is_marked_by_its_call_or_from_format_9_on_by_an_empty_mark(
    mark: str, marked: bool
) -> None:
    html = render(shot(body(["BUTTON", {"__playwright_target__": mark}, "b"])))
    assert ('<button data-trace-target="">' in html) is marked


def test_shadow_roots_and_adopted_sheets() -> None:
    root = [
        "template",
        {"__playwright_shadow_root_": "open"},
        ["B", {}, "in"],
        ["template", {"__playwright_style_sheet_": "b{color:red}"}],
    ]
    html = render(shot(body(["X-BADGE", {}, root])))
    assert (
        '<x-badge><template shadowrootmode="open"><b>in</b><style>b{color:red}</style></template></x-badge>'
        in html
    )


def test_resources_are_those_of_the_moment() -> None:
    entries = (
        entry("http://app/dir/a.png", "old", "image/png", at=1),
        entry("http://app/dir/a.png", "new", "image/png", at=50),
        entry("http://app/dir/a.png", "late", "image/png", at=500),
        entry("http://app/dir/a.png", "cached", "image/png", at=60, status=304),
        entry("http://app/s.css", "css", "text/css"),
        entry("http://app/page", "html", "text/html"),
    )
    files = {
        "old": b"1",
        "new": b"2",
        "late": b"3",
        "cached": b"",
        "html": b"<script>",
        "css": b"a{background:url(dir/a.png)}",
        "changed": b"a{color:blue}",
    }
    tree = body(
        ["LINK", {"rel": "stylesheet", "href": "/s.css"}],
        ["IMG", {"src": "a.png"}],
        ["IMG", {"src": "/page"}],
    )
    html = render(shot(tree), entries=entries, files=files)
    assert html.count("data:image/png;base64,Mg==") == 2
    assert "text/html" not in html
    overridden = shot(tree, overrides=({"url": "http://app/s.css", "file": "changed"},))
    assert "<style>a{color:blue}</style>" in render(overridden, entries=entries, files=files)


def test_child_frames_travel_inside() -> None:
    child = shot(body(["P", {}, "inner"]), frame="f2", is_main=False)
    deeper = shot(body(["P", {}, "deep & low"]), frame="f3", is_main=False)
    child.html[3].append(["IFRAME", {"src": "/snapshot/f3"}])
    main = shot(body(["IFRAME", {"src": "/snapshot/f2", "width": "300"}]))
    html = render(child, deeper, main)
    assert '<iframe width="300" sandbox="" srcdoc="' in html
    assert "&lt;p&gt;inner&lt;/p&gt;" in html
    assert "deep &amp;amp;amp; low" in html


def test_a_frame_that_contains_itself_ends() -> None:
    assert render(shot(body(["IFRAME", {"src": "/snapshot/f1"}]))).count("<iframe") == 1


def test_what_grows_without_end_is_refused() -> None:
    shots = [shot(body(["P", {}, "x" * 1000]), call="c0")]
    # Each repeats the body of the one before, twice.
    for number in range(1, 30):
        again = [[1, 3 if number == 1 else 1]]
        shots += [shot(body(again, again), call=f"c{number}")]
    with pytest.raises(RenderError):
        render(*shots)


def test_sheets_hold_nothing_to_fetch() -> None:
    css = '@import "b.css" screen; a{background:url( "x.png" )} b{fill:url(#g)}'
    found = self_contained(
        css,
        "http://app/a.css",
        {"http://app/x.png": "data:image/png;base64,AA=="}.get,
        {"http://app/b.css": "i{color:red}"}.get,
    )
    assert (
        found
        == '@media screen {i{color:red}} a{background:url("data:image/png;base64,AA==")} b{fill:url(#g)}'
    )


@pytest.mark.parametrize(
    "name", ["py-fail", "js-checkout-fails-on-webhook", "py-1.57.0-fail", "py-1.39.0-fail"]
)
def test_every_recorded_page_renders(name: str) -> None:
    with (FOLDER / f"{name}.trace.zip").open("rb") as file:
        archive = Archive(file)
        package = read_package(archive)
        renderer = Renderer(
            package, lambda member: archive.read(member) if member in archive else None
        )
        for recorded in package.snapshots:
            shown = renderer.render(recorded.call_id, recorded.phase)
            assert shown is not None
            assert "<script" not in shown.html
            assert not re.search(r'(?:src|href)="https?:', shown.html)
