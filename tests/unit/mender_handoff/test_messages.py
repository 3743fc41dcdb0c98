"""The contract: every JSON example of guard-api.md is a message our types read, and bad ones are named."""

import json
import re
from pathlib import Path

import pytest
from msgspec import Struct

from mender_handoff.domain.messages import (
    AttemptRequest,
    AttemptView,
    CheckCompleted,
    CheckRequest,
    CheckView,
    MessageError,
    RevalidationCompleted,
    Webhook,
    decode,
    decode_attempt_request,
    encode,
    to_json,
)

DOCUMENT = Path(__file__).parents[3] / "docs" / "reference" / "guard-api.md"
EXAMPLES = re.findall(r"```json\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
KINDS = [
    AttemptRequest,
    AttemptView,
    CheckRequest,
    CheckView,
    CheckCompleted,
    AttemptView,
    RevalidationCompleted,
]


@pytest.mark.parametrize(("text", "kind"), list(zip(EXAMPLES, KINDS, strict=True)))
def test_every_example_is_read_and_holds_every_field(text: str, kind: type) -> None:
    body = text.encode()
    if '"data"' in text.split("\n")[0][:90]:
        message = decode(body, Webhook)
        body = json.dumps(message.data).encode()
    read: Struct = decode(body, kind)
    written, given = to_json(read), json.loads(body)
    assert set(given) == set(written), "the example and the type have the same fields"


def request() -> dict[str, object]:
    given: dict[str, object] = json.loads(EXAMPLES[0])
    return given


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"intent": "merge"}, "intent"),
        ({"schema": 2}, "schema"),
        ({"classification": "weather"}, "classification"),
        ({"base_sha": "main"}, "base_sha"),
        ({"confidence": 2}, "confidence"),
        ({"trace": None}, "trace"),
    ],
)
def test_a_bad_request_names_its_field(change: dict[str, object], says: str) -> None:
    with pytest.raises(MessageError, match=says):
        decode_attempt_request(json.dumps(request() | change).encode())


def test_unknown_fields_are_ignored_and_bytes_are_canonical() -> None:
    one = decode_attempt_request(json.dumps(request() | {"later": 1}).encode())
    two = decode_attempt_request(json.dumps(request(), sort_keys=True).encode())
    assert encode(one) == encode(two)


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b"[" * 5000])
def test_no_json(body: bytes) -> None:
    with pytest.raises(MessageError):
        decode(body, Webhook)


@pytest.mark.parametrize("field", [{"pr": 2**31}, {"pr": 0}, {"source": "s" * 21}])
def test_a_check_holds_no_more_than_its_row(field: dict[str, object]) -> None:
    body = {"idempotency_key": "k", "repository": "shop", "ref": "main", **field}
    with pytest.raises(MessageError, match=next(iter(field))):
        decode(json.dumps(body).encode(), CheckRequest)
