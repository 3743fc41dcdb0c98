"""Recorded bodies laid out to read."""

import pytest

from trace_app.domain.pretty import MOST_SHOWN, is_text, pretty


@pytest.mark.parametrize(
    ("text", "mime", "shown"),
    [
        ('{"a":[1,"é"]}', "application/json", '{\n  "a": [\n    1,\n    "é"\n  ]\n}'),
        ("a=1&b=x+y", "application/x-www-form-urlencoded", "a = 1\nb = x y"),
        ("{not json", "application/json", "{not json"),
        ("<p>", "text/html", "<p>"),
        ("[" * 100_000, "application/json", None),
    ],
)
def test_what_it_is_decides(text: str, mime: str, shown: str | None) -> None:
    found = pretty(text, mime)
    assert found == shown if shown is not None else len(found) < MOST_SHOWN + 100


@pytest.mark.parametrize(
    ("mime", "read"),
    [
        ("application/json; charset=utf-8", True),
        ("text/css", True),
        ("image/png", False),
        ("", False),
    ],
)
def test_only_text_is_read(mime: str, read: bool) -> None:
    assert is_text(mime) is read
