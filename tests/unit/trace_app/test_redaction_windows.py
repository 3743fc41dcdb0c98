"""Long texts are masked in windows: what lies over a border is found, and little is held."""

import io
import tracemalloc
import zipfile
from collections.abc import Iterator
from itertools import batched

import pytest

from trace_app.domain.archive import Archive
from trace_app.domain.bundle import sha256_hex
from trace_app.domain.contents import Shelf, held
from trace_app.domain.redaction import (
    Redactor,
    learn_contents,
    learn_zip,
    mask_contents,
    rewrite_zip,
    windows,
    zips,
)
from trace_app.domain.redaction.windows import learn_long, mask_long

MIB = 1024**2
WORD = b"the quick brown fox "
KEY = b"-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n-----END PRIVATE KEY-----"
SECRETS = (
    b'{"password": "correct horse, battery staple"}',
    b"\nAuthorization: Bearer abcdef0123456789abcdef\n",
    b"4242 4242 4242 4242",
    b"https://ada:lovelace-1815@example.org/",
    b"ghp_0123456789abcdefghijABCDEFGHIJ",
    b'fill field "Password" with "tip top"',
    b'<input type="password" name="x" value="hunter22">',
    KEY,
)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows of a few words, so that every border can be tried."""
    monkeypatch.setattr(windows, "WINDOW", 400)
    monkeypatch.setattr(windows, "MARGIN", 150)
    monkeypatch.setattr(zips, "MAX_WALKED", 400)


def pieces(text: bytes, size: int = 97) -> Iterator[bytes]:
    for one in batched(text, size):
        yield bytes(one)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("secret", SECRETS, ids=range(len(SECRETS)))
def test_a_secret_is_found_at_every_place(secret: bytes) -> None:
    for before in range(700):
        text = (WORD * 40)[:before] + b" " + secret + b" " + WORD * 40
        redactor = Redactor()
        masked = b"".join(mask_long(pieces(text), redactor))
        assert masked == Redactor().mask_bytes(text), before
        assert redactor.to_json()["times"] == 1
        learner = Redactor()
        learn_long(pieces(text), learner)
        assert learner.learned.values == redactor.learned.values, before


@pytest.mark.usefixtures("small")
def test_what_was_learned_elsewhere_is_found_at_every_place() -> None:
    redactor = Redactor()
    redactor.learn({"password": "correct horse & battery"})
    for before in range(700):
        text = (WORD * 40)[:before] + b"correct horse & battery" + WORD * 40
        masked = b"".join(mask_long(pieces(text), redactor))
        assert masked == (WORD * 40)[:before] + "‹masked:1›".encode() + WORD * 40


@pytest.mark.usefixtures("small")
def test_the_report_counts_json_that_is_too_long_to_be_walked() -> None:
    text, redactor = b' {"name": "pin", "value": 1234, "x": "' + WORD * 40 + b'"}', Redactor()
    _, renamed = mask_contents({sha256_hex(text): held(text)}, Shelf(io.BytesIO()), redactor)
    assert not renamed
    assert redactor.to_json()["unscanned"] == {"long_json": 1}


@pytest.mark.usefixtures("small")
def test_a_secret_longer_than_a_window_is_masked_as_far_as_it_is_known() -> None:
    secret = b"ghp_" + b"a1" * 2000
    masked = b"".join(mask_long(pieces(WORD + secret + b" " + WORD), Redactor()))
    assert masked.startswith(WORD)
    assert masked.endswith(b" " + WORD)


@pytest.mark.usefixtures("small")
def test_a_text_without_secrets_stays_as_it_is() -> None:
    for size in (0, 1, 399, 400, 549, 550, 551, 5000):
        text = (WORD * 300)[:size]
        assert b"".join(mask_long(pieces(text), Redactor())) == text


@pytest.mark.usefixtures("small")
def test_long_members_and_contents_are_masked_over_borders() -> None:
    for before in range(350, 600):
        text = (WORD * 40)[:before] + b' {"password": "correct horse"} ' + WORD * 40
        source, out, redactor = io.BytesIO(), io.BytesIO(), Redactor()
        with zipfile.ZipFile(source, "w") as made:
            made.writestr("resources/page.txt", text)
        archive = Archive(source)
        learn_zip(archive, redactor)
        rewrite_zip(archive, out, redactor)
        assert b"correct horse" not in Archive(out).read("resources/page.txt")
        assert redactor.to_json()["where"][0]["place"] == "zip: bodies"
        assert redactor.to_json()["unscanned"] == {}
        shelf, redactor = Shelf(io.BytesIO()), Redactor()
        contents = {sha256_hex(text): held(text), sha256_hex(WORD * 40): held(WORD * 40)}
        learn_contents(contents.values(), redactor)
        masked, renamed = mask_contents(contents, shelf, redactor)
        assert set(renamed) == {sha256_hex(text).encode()}
        bodies = {sha256: content.read() for sha256, content in masked.items()}
        assert all(sha256_hex(body) == sha256 for sha256, body in bodies.items())
        assert WORD * 40 in bodies.values()
        assert not any(b"correct horse" in body for body in bodies.values())


def test_little_of_a_long_text_is_held() -> None:
    total = 0
    tracemalloc.start()
    try:
        for masked in mask_long((WORD * 10_000 for _ in range(400)), Redactor()):
            total += len(masked)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert total == len(WORD) * 4_000_000
    assert peak < 5 * (windows.WINDOW + windows.MARGIN) < total
