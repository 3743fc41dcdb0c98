"""Static files as a browser fetches them from the running product, and the modules a page names."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client
from pytest_django.fixtures import Settings

from tests.harness.live import LiveStack
from trace_app.templatetags import sheets
from trace_app.templatetags.modules import module_graph
from trace_app.templatetags.sheets import stylesheet

STATIC = Path(__file__).parents[3] / "static"


def test_they_are_packed_marked_and_not_sent_twice(live_stack: LiveStack) -> None:
    source = (STATIC / "trace_app/trace.js").read_text()
    with live_stack.client() as client:
        packed = client.get("/static/trace_app/trace.js", headers={"Accept-Encoding": "gzip"})
        plain = client.get("/static/trace_app/trace.js", headers={"Accept-Encoding": "identity"})
        mark = packed.headers["etag"]
        again = client.get("/static/trace_app/trace.js", headers={"If-None-Match": mark})
        font = client.get("/static/vendor/fonts/inter-latin.woff2", headers={"Range": "bytes=0-3"})
        head = client.head("/static/trace_app/trace.js", headers={"Accept-Encoding": "identity"})
    assert (packed.status_code, packed.text, plain.text) == (200, source, source)
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert int(packed.headers["content-length"]) < len(source) / 2
    assert {one.headers["vary"] for one in (packed,)} == {"Accept-Encoding"}
    assert packed.headers["x-content-type-options"] == "nosniff"
    assert packed.headers["content-type"].startswith("text/javascript")
    assert again.status_code == 304
    assert (font.status_code, font.content) == (206, b"wOF2")
    assert "content-encoding" not in font.headers
    assert (head.content, int(head.headers["content-length"])) == (b"", len(source.encode()))


@pytest.mark.parametrize("name", ["nothing.js", "../manage.py", "trace_app/", "%2e%2e/manage.py"])
def test_what_is_no_static_file_is_not_found(live_stack: LiveStack, name: str) -> None:
    with live_stack.client() as client:
        assert client.get(f"/static/{name}").status_code in (404, 302)


# What comes later, by `import()`, and what only a comment names is not fetched at once.
_IMPORT = re.compile(r'^import\b[^"]*from "\./([^"]+)"', re.MULTILINE)


def test_a_module_names_all_that_it_imports() -> None:
    names = module_graph("trace_app/trace.js")
    assert names[0] == "trace_app/trace.js"
    assert len(set(names)) == len(names) > 10
    for name in names:
        for imported in _IMPORT.findall((STATIC / name).read_text()):
            assert f"trace_app/{imported}" in names
    with pytest.raises(FileNotFoundError, match=r"No static file trace_app/nothing\.js"):
        module_graph("trace_app/nothing.js")


@pytest.fixture
def sheets_anew() -> Iterator[None]:
    """A process joins its sheets once, with the addresses that its settings give."""
    for kept in (sheets.sheet, sheets.mark):
        kept.cache_clear()
    yield
    for kept in (sheets.sheet, sheets.mark):
        kept.cache_clear()


@pytest.mark.usefixtures("sheets_anew")
def test_with_hashed_names_a_module_keeps_its_own(settings: Settings, tmp_path: Path) -> None:
    settings.STATIC_ROOT = tmp_path
    hashed = {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": hashed}
    call_command("collectstatic", "--noinput", verbosity=0)
    assert re.search(r"favicon\.[0-9a-f]{12}\.svg", Client().get("/login").text)
    named = re.findall(r'<script type="module" src="/static/([^"]+)"', Client().get("/login").text)
    assert named == ["trace_app/page.js"]
    assert (tmp_path / named[0]).read_text() == (STATIC / named[0]).read_text()


def test_sheets_come_as_one_and_lead_where_each_of_them_led(live_stack: LiveStack) -> None:
    linked = re.findall(
        r'href="(/sheets/[^"]+)"', stylesheet("trace_app", "tokens+base+components")
    )
    with live_stack.client() as client:
        packed = client.get(linked[0], headers={"Accept-Encoding": "gzip"})
        plain = client.get(linked[0], headers={"Accept-Encoding": "identity"})
        head = client.head(linked[0])
        fonts = [client.get(one).status_code for one in re.findall(r'url\("([^"]+)"', plain.text)]
        old = client.get(linked[0].replace(linked[0].split("/")[2], "0" * 12))
        missing = client.get(linked[0].replace("base", "nothing"))
        chosen = client.get(linked[0].replace("base", "base+base"))
    assert (packed.text, packed.headers["content-encoding"]) == (plain.text, "gzip")
    assert plain.text.index("--accent:") < plain.text.index(".skip")
    assert "immutable" in plain.headers["cache-control"]
    assert (head.status_code, head.content) == (200, b"")
    assert set(fonts) == {200}
    assert (old.text, old.headers["cache-control"]) == (plain.text, "no-cache")
    assert missing.status_code == chosen.status_code == 404
