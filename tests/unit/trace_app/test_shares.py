"""Secrets of shares in texts, and the origins that may embed them."""

import logging

import pytest

from trace_app.domain.shares import SharedRef, mask_addresses, new_secret, origins
from trace_app.project.logs import MaskShareSecrets


def test_a_secret_has_256_bits_and_never_stands_in_a_repr() -> None:
    secret = new_secret()
    assert len(secret) == 43
    assert secret != new_secret()
    assert secret not in repr(SharedRef("xY9zQ2mNp", secret))
    assert secret not in str(SharedRef("xY9zQ2mNp", secret))


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Not Found: /r/xY9zQ2mNp/abcDEF_-123", "Not Found: /r/xY9zQ2mNp/‹masked›"),
        ("GET /r/xY9zQ2mNp/s3cret/panels/x?step=1", "GET /r/xY9zQ2mNp/‹masked›/panels/x?step=1"),
        (
            '"https://t.test/r/xY9zQ2mNp/s3cret#seq=4"',
            '"https://t.test/r/xY9zQ2mNp/‹masked›#seq=4"',
        ),
        (
            "/r/xY9zQ2mNp and /traces/xY9zQ2mNp/panels/x",
            "/r/xY9zQ2mNp and /traces/xY9zQ2mNp/panels/x",
        ),
    ],
)
def test_addresses_are_masked(text: str, masked: str) -> None:
    assert mask_addresses(text) == masked


def test_a_log_record_is_masked_in_its_message_and_its_arguments() -> None:
    # The form of uvicorn's access log: address, method, path, version, status.
    record = logging.LogRecord(
        "uvicorn.access",
        logging.INFO,
        __file__,
        1,
        '%s - "%s %s HTTP/%s" %d',
        ("127.0.0.1:5", "GET", "/r/xY9zQ2mNp/s3cret/frames/4", "1.1", 200),
        None,
    )
    assert MaskShareSecrets().filter(record)
    assert record.getMessage() == (
        '127.0.0.1:5 - "GET /r/xY9zQ2mNp/‹masked›/frames/4 HTTP/1.1" 200'
    )


def test_origins_are_read_once_each() -> None:
    text = "https://CI.example.com\nhttp://localhost:8080, https://ci.example.com"
    assert origins(text) == ["https://ci.example.com", "http://localhost:8080"]
    assert origins(" \n") == []


@pytest.mark.parametrize(
    "text",
    [
        "*",
        "https://*.example.com",
        "ci.example.com",
        "https://ci.example.com/path",
        "https://ci.example.com;script-src",
        "'self'",
        "data:",
        "https://user@ci.example.com",
        " ".join(f"https://ci{number}.example.com" for number in range(21)),
    ],
)
def test_what_is_no_origin_cannot_reach_the_policy(text: str) -> None:
    with pytest.raises(ValueError, match="origin"):
        origins(text)


def test_twenty_origins_of_two_hundred_characters_are_read() -> None:
    longest = f"https://{'abc.' * 47}abcd"
    assert len(longest) == 200
    others = [f"https://ci{number}.example.com" for number in range(19)]
    assert origins("\n".join([longest, *others])) == [longest, *others]
    with pytest.raises(ValueError, match="is no origin"):
        origins(longest + "a")
