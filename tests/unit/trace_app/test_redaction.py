"""Redaction: planted secrets go, look-alikes stay, the same value keeps its token."""

import hashlib
import io
import zipfile

import pytest

from trace_app.domain.archive import Archive
from trace_app.domain.events import Event
from trace_app.domain.lines import Lines
from trace_app.domain.redaction import Redactor, learn_lines, learn_zip, rewrite_zip, windows, zips
from trace_app.domain.redaction.rules import is_card, may_spread
from trace_app.domain.redaction.spread import MAX_LEARNED, MAX_LEARNED_LENGTH

LOOK_ALIKES = (
    "author, authority, tokenize, secretary, passwordless, sessions",
    "order 1764000000000 at 1732270800123 with 4111 points",
    "id 4242424242424241 is no card, nor is 00004242424242424242",
    "hash 9e6b92f1fa0070dd681c3d101ab24e5b9d1370d5 and 4242-4242",
    "https://shop.test/authors?page=2&sort=token_asc&q=a=b",
    "price 4242424242424242.50 and v4.242.424",
    "Bearer",
)


@pytest.mark.parametrize("text", LOOK_ALIKES)
def test_look_alikes_stay(text: str) -> None:
    redactor = Redactor()
    redactor.learn({"text": text})
    assert redactor.mask({"text": text}) == {"text": text}
    assert redactor.to_json()["values"] == 0


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("paid with 4242424242424242 today", "4242424242424242"),
        ("paid with 4242 4242 4242 4242.", "4242 4242 4242 4242"),
        ("amex 3782-822463-10005", "3782-822463-10005"),
        ("key=sk_test_51SECRETtoken", "sk_test_51SECRETtoken"),
        ("Authorization: Bearer abcdef0123456789", "abcdef0123456789"),
        ("/cb?code=1&access_token=abc123def&x=2", "abc123def"),
        ("ghp_abcdefghijklmnopqrstuvwxyz012345", "ghp_abcdefghijklmnopqrstuvwxyz012345"),
        ("eyJhbGciOiJI.eyJzdWIiOiIx.c2lnbmF0dXJl", "eyJhbGciOiJI.eyJzdWIiOiIx.c2lnbmF0dXJl"),
    ],
)
def test_secrets_in_text_go(text: str, secret: str) -> None:
    masked = Redactor().mask_text(text)
    assert secret not in masked
    assert masked == text.replace(secret, "‹masked:1›")


def test_headers_cookies_and_keys() -> None:
    masked = Redactor().mask(
        {
            "headers": [
                ["Authorization", "Basic dXNlcjpwYXNz"],
                ["Cookie", "bug=1; theme=dark"],
                ["Set-Cookie", "sid=abc; Path=/; HttpOnly"],
                ["Accept", "text/html"],
            ],
            "cookies": [{"name": "sid", "value": "abc", "domain": "x", "path": "/"}],
            "body": {"password": "pw", "card_number": "41", "name": "Ann"},
        }
    )
    assert masked["headers"] == [
        ["Authorization", "Basic ‹masked:1›"],
        ["Cookie", "bug=‹masked:2›; theme=‹masked:3›"],
        ["Set-Cookie", "sid=‹masked:4›; Path=/; HttpOnly"],
        ["Accept", "text/html"],
    ]
    assert masked["cookies"][0]["value"] == "‹masked:4›"
    assert masked["body"] == {"password": "‹masked:5›", "card_number": "‹masked:6›", "name": "Ann"}


def test_a_typed_password_is_masked_everywhere_also_before_it_was_typed() -> None:
    said = Event(seq=1, ts=0, kind="app.log", data={"stream": "stdout", "text": "got hunter2!"})
    typed = Event(
        seq=2,
        ts=1,
        kind="agent.action",
        data={"verb": "fill", "target": 'field "Password"', "value": "hunter2"},
    )
    redactor = Redactor()
    learn_lines(redactor, [Lines.of([said, typed])])
    masked = [redactor.mask_event(event).data for event in (said, typed)]
    assert masked[0]["text"] == "got ‹masked:1›!"
    assert masked[1]["value"] == "‹masked:1›"


def test_password_fields_of_a_recorded_page() -> None:
    tree = [
        "INPUT",
        {"type": "password", "name": "pw", "__playwright_value_": "hunter2", "title": "x"},
    ]
    redactor = Redactor()
    redactor.learn(tree)
    assert redactor.mask(tree)[1]["__playwright_value_"] == "‹masked:1›"
    assert redactor.mask_text("login hunter2") == "login ‹masked:1›"


def test_short_values_do_not_spread() -> None:
    assert [may_spread(value) for value in ("1", "abcdefg", "hunter2", "abcdefgh", "ab1")] == [
        False,
        False,
        True,
        True,
        False,
    ]
    redactor = Redactor()
    redactor.learn({"password": "1"})
    assert redactor.mask({"password": "1", "text": "1 item"}) == {
        "password": "‹masked:1›",
        "text": "1 item",
    }


def test_masking_twice_changes_nothing() -> None:
    redactor = Redactor()
    once = redactor.mask({"password": "hunter2", "text": "4242424242424242"})
    assert redactor.mask(once) == once


def test_cards_need_issuer_length_and_luhn() -> None:
    epochs = range(1_700_000_000_000, 1_700_000_100_000, 97)
    assert not any(is_card(str(epoch)) for epoch in epochs)
    assert is_card("5555555555554444")
    assert not is_card("5555555555554445")


def test_a_rewritten_zip_keeps_its_layout() -> None:
    source, out = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(source, "w") as made:
        made.writestr("trace.trace", b'{"type":"before","params":{"password":"hunter2"}}\n')
        made.writestr("resources/a.json", b'{"ok": true}')
        made.writestr("resources/b.txt", b"hunter2")
        made.writestr("screencast/p.jpeg", b"\xff\xd8hunter2")
    archive = Archive(source)
    redactor = Redactor()
    redactor.learn({"password": "hunter2"})
    rewrite_zip(archive, out, redactor)
    rewritten = Archive(out)
    assert sorted(rewritten.names()) == sorted(archive.names())
    assert b"hunter2" not in rewritten.read("trace.trace") + rewritten.read("resources/b.txt")
    assert rewritten.read("resources/a.json") == b'{"ok": true}'
    assert rewritten.read("screencast/p.jpeg") == b"\xff\xd8hunter2"


def test_pages_nested_too_deep_to_be_walked_are_masked_as_text() -> None:
    node = b'["INPUT",{"type":"password","__playwright_value_":"7!"}]'
    deep = b'{"html":' + b'["DIV",{},' * 900 + node + b"]" * 900 + b',"title":"hunter2"}\n'
    deeper = b'{"a":' * 5000 + b'{"password":"hunter2"}' + b"}" * 5000 + b"\n"
    source, out = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(source, "w") as made:
        made.writestr("trace.trace", deep + deeper)
        made.writestr("resources/a.json", deeper)
    archive, redactor = Archive(source), Redactor()
    learn_zip(archive, redactor)
    rewrite_zip(archive, out, redactor)
    lines = Archive(out).read("trace.trace").split(b"\n")
    assert b'"7!"' not in lines[0]
    assert b"hunter2" not in b"".join([*lines, Archive(out).read("resources/a.json")])


def test_a_member_named_by_its_hash_is_renamed_with_it() -> None:
    body = b'{"password":"hunter2"}'
    name = hashlib.sha1(body).hexdigest()
    source, out = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(source, "w") as made:
        made.writestr(
            "trace.network", b'{"response":{"_file":"resources/%s.json"}}' % name.encode()
        )
        made.writestr(f"resources/{name}.json", body)
        made.writestr(f"src/{hashlib.sha1(b'/a/path.py').hexdigest()}.py", b"hunter2 = 1")
    archive, redactor = Archive(source), Redactor()
    learn_zip(archive, redactor)
    renamed = rewrite_zip(archive, out, redactor)
    written = Archive(out)
    held = [one for one in written.names() if one.startswith("resources/")]
    assert held == [f"resources/{hashlib.sha1(written.read(held[0])).hexdigest()}.json"]
    assert held[0].encode() in written.read("trace.network")
    assert list(renamed) == [name.encode()]
    assert next(one for one in archive.names() if one.startswith("src/")) in written


def test_large_text_is_masked_piece_by_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zips, "MAX_WALKED", 1000)
    monkeypatch.setattr(windows, "WINDOW", 2000)
    monkeypatch.setattr(windows, "MARGIN", 100)
    lines = [f"line {no} of the author, password=hunter2&n={no}" for no in range(500)]
    source, out = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(source, "w") as made:
        made.writestr("attachments/log", "\n".join(lines))
        made.writestr("attachments/data", b"\x00\x01 hunter2 \x02")
        made.writestr("attachments/pic", b"\x89PNG hunter2")
        made.writestr("attachments/inner.zip", b"PK\x03\x04 hunter2")
    archive, redactor = Archive(source), Redactor()
    learn_zip(archive, redactor)
    rewrite_zip(archive, out, redactor)
    written = Archive(out)
    assert written.read("attachments/log").decode() == "\n".join(
        line.replace("hunter2", "‹masked:1›") for line in lines
    )
    assert b"hunter2" not in written.read("attachments/data")
    assert redactor.to_json()["unscanned"] == {"archives": 1, "pictures and fonts": 1}


def test_a_run_that_teaches_too_much_says_so() -> None:
    redactor = Redactor()
    values = [f"value-{no:06d}" for no in range(MAX_LEARNED + 5)]
    for value in (*values, *values[-3:]):
        redactor.learn({"token": value})
    redactor.learn({"token": "long " * MAX_LEARNED_LENGTH})
    assert redactor.to_json()["not_spread"] == 6
    said = redactor.mask_text(f"{values[1]} {values[MAX_LEARNED - 1]} {values[-1]}")
    assert said == f"‹masked:2› ‹masked:{MAX_LEARNED}› {values[-1]}"
    assert redactor.mask({"token": values[-1]}) == {"token": f"‹masked:{MAX_LEARNED + 5}›"}


def test_what_was_too_much_stays_in_the_report_of_a_run_that_goes_on() -> None:
    redactor = Redactor()
    redactor.report.load({"not_spread": 3})
    redactor.learn({"token": "long " * MAX_LEARNED_LENGTH})
    assert redactor.to_json()["not_spread"] == 4


def test_of_overlapping_secrets_nothing_is_left() -> None:
    redactor = Redactor()
    redactor.learn({"token": "abcdefgh-ijkl"})
    redactor.learn({"password": "ijkl-mnopqrst"})
    masked = redactor.mask_text("abcdefgh-ijkl-mnopqrst and so on")
    assert masked == "‹masked:1›‹masked:3› and so on"
