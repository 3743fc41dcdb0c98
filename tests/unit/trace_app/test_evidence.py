"""Evidence as Markdown, and requests as curl commands that carry no secret."""

import shlex
from typing import Any

import pytest

from trace_app.domain.events import Event
from trace_app.domain.evidence import code, curl, markdown


def test_markdown_names_the_moment_and_disarms_what_was_recorded() -> None:
    event = Event(
        seq=212,
        ts=4780,
        kind="page.error",
        step=7,
        level="error",
        data={"message": "@all `x` [a](b)"},
    )
    text = markdown(
        event,
        short_id="xY9zQ2mNp",
        title="Pay",
        link="https://t/x?step=7#seq=212",
        error="\nno\nat",
    )
    assert text.splitlines() == [
        "**[Trace xY9zQ2mNp, step 7, seq 212](https://t/x?step=7#seq=212)** `Pay`  ",
        "`page.error` at 4.78 s: ``@all `x` [a](b)``  ",
        "Error: `no`",
    ]


@pytest.mark.parametrize(
    ("text", "span"),
    [("", ""), ("a\nb", "`a b`"), ("`a", "`` `a ``"), ("a ``` b", "```` a ``` b ````")],
)
def test_code_spans_hold_any_text(text: str, span: str) -> None:
    assert code(text).replace(" ", "") == span.replace(" ", "")


def request(**rest: Any) -> dict[str, Any]:
    return {"method": "POST", "url": "http://app/pay?a=1&b='2'", **rest}


def test_curl_is_what_a_shell_reads_as_the_request() -> None:
    headers = [["Content-Type", "application/json"], [":authority", "app"], ["Host", "app"]]
    command = curl(request(headers=headers, body={"text": '{"x": "it\'s $HOME"}'}))
    words = shlex.split(command.replace("\\\n", ""))
    assert words == [
        *("curl", "http://app/pay?a=1&b='2'", "-X", "POST"),
        *("-H", "Content-Type: application/json", "--data-raw", '{"x": "it\'s $HOME"}'),
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Authorization", "Bearer abc"),
        ("cookie", "sid=‹masked:1›"),
        ("X-Custom", "a ‹masked:12› b"),
        ("X-Api-Key", "abc"),
        ("X-CSRFToken", "abc"),
    ],
)
def test_no_secret_header_is_in_the_command(name: str, value: str) -> None:
    for headers in ({name: value}, [[name, value]]):
        text = curl(request(headers=headers))
        assert value not in text
        assert "masked" not in text
        assert text.startswith(f"# not included: {name.lower()}\n")


def test_a_body_that_is_masked_or_elsewhere_is_left_out() -> None:
    for body in ({"text": "card=‹masked:3›"}, {"$member": "resources/x"}):
        text = curl(request(body=body))
        assert "--data-raw" not in text
        assert text.startswith("# not included: the body")


def test_a_name_cannot_leave_its_comment() -> None:
    assert curl(request(headers=[["token\nrm -rf /", "x"]])).count("\n") == 2


def test_a_body_kept_elsewhere_is_sent_when_it_was_read() -> None:
    apart = request(body={"$member": "resources/1"}, headers=[["sec-fetch-mode", "cors"]])
    assert "kept apart" in curl(apart)
    command = curl(apart, '{"amount": 900}')
    assert shlex.split(command)[-2:] == ["--data-raw", '{"amount": 900}']
    assert "sec-fetch" not in command
    assert "masked" in curl(
        apart, '{"card": "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}masked:1"}'
    )


def test_an_answer_names_what_was_asked() -> None:
    asked = Event(
        seq=3, ts=1, kind="network.request", data={"method": "POST", "url": "http://a/pay"}
    )
    answer = Event(seq=4, ts=2, kind="network.response", ref=3, data={"status": 404})
    text = markdown(answer, short_id="x", title="t", link="/x", asked=asked)
    assert "`POST /pay → 404`" in text
