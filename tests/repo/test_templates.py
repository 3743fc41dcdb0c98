"""Templates hold no style and no script of their own: the content security policy refuses both."""

import re

import pytest

from tests.repo.source import name, tracked

FORBIDDEN = {
    "inline style": re.compile(r"""<style\b|\sstyle\s*=\s*["'{]""", re.IGNORECASE),
    "inline script": re.compile(r"<script\b(?![^>]*\bsrc=)", re.IGNORECASE),
    "event attribute": re.compile(r"""<[^>{]*\son[a-z]+\s*=\s*["']""", re.IGNORECASE),
    "hx-on": re.compile(r"\shx-on[:\s=-]", re.IGNORECASE),
    "javascript: address": re.compile(r"javascript:", re.IGNORECASE),
    "evaluated htmx value": re.compile(r"""hx-(?:vals|headers)\s*=\s*["']js:""", re.IGNORECASE),
}
COMMENT = re.compile(r"\{#.*?#\}|\{% comment.*?endcomment %\}|<!--.*?-->", re.DOTALL)
# Data for our scripts, not a script: the browser never runs it.
DATA_BLOCK = re.compile(r"""<script\b[^>]*type=["']application/json["'][^>]*>""", re.IGNORECASE)


@pytest.mark.parametrize("reason", FORBIDDEN)
def test_templates_hold_none_of(reason: str) -> None:
    found = []
    for path in tracked(".html"):
        if not name(path).startswith("templates/"):
            continue
        text = DATA_BLOCK.sub("", COMMENT.sub("", path.read_text(encoding="utf-8")))
        found += [f"{name(path)}: {match.group()}" for match in FORBIDDEN[reason].finditer(text)]
    assert found == []


def test_scripts_of_the_browser_build_no_code_and_no_style_attribute() -> None:
    forbidden = re.compile(
        r"\beval\(|new Function\(|setAttribute\(\s*[\"']style[\"']|\.innerHTML\s*\+?="
    )
    found = [
        f"{name(path)}: {match.group()}"
        for path in tracked(".js")
        if name(path).startswith("static/") and "vendor" not in name(path)
        for match in forbidden.finditer(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_a_page_names_a_module_as_other_modules_do() -> None:
    """Under a hashed name it would be a second module, loaded and run beside the one imported."""
    module = re.compile(r"""<script\b[^>]*type=["']module["'][^>]*>""")
    found = [
        f"{name(path)}: {match.group()}"
        for path in tracked(".html")
        for match in module.finditer(path.read_text(encoding="utf-8"))
        if "{% module_address '" not in match.group()
    ]
    assert found == []


def test_pages_of_a_trace_are_named_by_the_readers_reference() -> None:
    """A share's reader meets these addresses too: `ref` leads to them, a short id to no share."""
    pages = "trace|index|panel|evidence|frame|snapshot|step_source|member|live"
    own = re.compile(rf"\{{% url 'trace_app:(?:{pages})' trace\.short_id")
    found = [
        f"{name(path)}: {match.group()}"
        for path in tracked(".html")
        if name(path).startswith(
            (
                "templates/trace_app/trace.html",
                "templates/trace_app/panels/",
                "templates/trace_app/parts/",
            )
        )
        for match in own.finditer(path.read_text(encoding="utf-8"))
    ]
    assert found == []
