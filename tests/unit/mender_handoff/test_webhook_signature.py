"""Standard Webhooks signatures, against the example of the specification and against tampering."""

import pytest

from mender_handoff.domain.webhook_signature import (
    SIGNATURE_HEADER,
    TIMESTAMP_HEADER,
    SignatureError,
    headers,
    sign,
    verify,
)

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NOW = 1_614_265_330
BODY = b'{"test": 2432232314}'


def test_the_example_of_the_specification() -> None:
    # https://github.com/standard-webhooks/standard-webhooks: the libraries' shared test vector
    found = sign(SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJek", NOW, BODY)
    assert found == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_one_of_several_signatures_and_secrets_is_enough() -> None:
    given = headers(SECRET, "m1", NOW, BODY)
    given[SIGNATURE_HEADER] = f"v1,AAAA {given[SIGNATURE_HEADER]} v2,BBBB"
    assert verify(["whsec_b3RoZXI=", SECRET], given, BODY, now=NOW) == "m1"


@pytest.mark.parametrize("off", [-301, 301])
def test_a_message_from_another_time_is_refused(off: int) -> None:
    given = headers(SECRET, "m1", NOW, BODY)
    with pytest.raises(SignatureError) as caught:
        verify([SECRET], given, BODY, now=NOW + off)
    assert caught.value.code == "timestamp_outside_tolerance"


@pytest.mark.parametrize("off", [-300, 300])
def test_five_minutes_are_still_now(off: int) -> None:
    assert verify([SECRET], headers(SECRET, "m1", NOW, BODY), BODY, now=NOW + off) == "m1"


def test_a_changed_body_id_or_time_is_refused() -> None:
    given = headers(SECRET, "m1", NOW, BODY)
    for changed, body in (
        (given, BODY + b" "),
        (given | {"webhook-id": "m2"}, BODY),
        (given | {TIMESTAMP_HEADER: str(NOW + 1)}, BODY),
    ):
        with pytest.raises(SignatureError) as caught:
            verify([SECRET], changed, body, now=NOW)
        assert caught.value.code == "signature_invalid"


@pytest.mark.parametrize("stamp", ["", "x", "-1", "1e9", "٣", "1" * 20])
def test_a_timestamp_that_is_none(stamp: str) -> None:
    given = headers(SECRET, "m1", NOW, BODY) | {TIMESTAMP_HEADER: stamp}
    with pytest.raises(SignatureError) as caught:
        verify([SECRET], given, BODY, now=NOW)
    assert caught.value.code in ("timestamp_invalid", "signature_missing")


def test_without_a_secret_nothing_fits() -> None:
    with pytest.raises(SignatureError):
        verify([], headers(SECRET, "m1", NOW, BODY), BODY, now=NOW)
