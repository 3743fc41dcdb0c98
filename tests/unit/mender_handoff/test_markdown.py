"""The small Markdown: it makes only its own tags, whatever it is given."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mender_handoff.domain.markdown import to_html


def test_what_pull_requests_use() -> None:
    html = to_html(
        "<!-- hidden -->\n## Proof\n\n| run | result |\n|---|---|\n| red | **failed** `x` |\n\n"
        "- [ ] read it\n- [x] done\n\nSee [trace](http://a/b?c=1&d=2)."
    )
    assert "hidden" not in html
    assert "<h3>Proof</h3>" in html
    assert "<th>run</th>" in html
    assert "<td><b>failed</b> <code>x</code></td>" in html
    assert "<li>☐ read it</li>" in html
    assert '<a href="http://a/b?c=1&amp;d=2">trace</a>' in html


def test_a_longer_fence_holds_backticks() -> None:
    html = to_html("``a `b` c`` and `` `d ``, not e``, but `f`")
    assert html == "<p><code>a `b` c</code> and <code>`d</code>, not e``, but <code>f</code></p>"


@pytest.mark.parametrize(
    "text",
    ["<script>x</script>", "[x](javascript:alert(1))", "`<b>`", '[x](http://a"onclick=b)', "<!--"],
)
def test_nothing_foreign_gets_through(text: str) -> None:
    html = to_html(text)
    assert "<script" not in html
    assert 'href="javascript' not in html
    assert re.sub(r'</?(?:p|b|code|a href="https?://[^"<>]*"|a|br)>', "", html).count("<") == 0


@given(st.text(alphabet="<>&\"'`*[]()|#-x \n:/htps", max_size=200))
def test_any_text_gives_only_known_tags(text: str) -> None:
    known = r'</?(?:p|b|code|ul|li|tr|td|th|h[2-5]|table class="table"|table|a href="https?://[^"<>]*"|a|br)>'
    assert "<" not in re.sub(known, "", to_html(text))
