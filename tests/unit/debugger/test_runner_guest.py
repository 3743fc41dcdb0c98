"""The guest's pure parts: address patterns, state paths, placeholders, state files, the sink."""

import socket
import sqlite3
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from debugger.runner.guest import app_state
from debugger.runner.guest.application import fill, placeholders
from debugger.runner.guest.clone_set import CloneSet
from debugger.runner.guest.globs import matches
from debugger.runner.guest.services import StartError
from debugger.runner.guest.sink import Sink
from debugger.runner.guest.state_path import MISSING, look_up, same


@pytest.mark.parametrize(
    ("pattern", "url", "expected"),
    [
        ("/api/*", "http://app/api/orders", True),
        ("/api/*", "http://app/api/orders/7", False),
        ("/api/**", "http://app/api/orders/7", True),
        ("/orders/*/status", "http://app/orders/1042/status?x=1", True),
        ("/orders/*/status", "http://app/orders/1/2/status", False),
        ("/search?q=*", "http://app/search?q=mug", True),
        ("/search", "http://app/search?q=mug", True),
        ("/", "http://app", True),
        ("/a.b", "http://app/aXb", False),
        ("http://app/*", "http://app/cart", True),
        ("http://app/*", "http://other/cart", False),
        ("**/cart", "http://app/cart", True),
    ],
)
def test_address_patterns(pattern: str, url: str, expected: bool) -> None:
    assert matches(pattern, url) is expected


STATE = {"payment_intents": [{"amount": 900}, {"amount": 9000, "ok": True}], "n": {"1": "one"}}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("payment_intents.-1.amount", 9000),
        ("payment_intents.0.amount", 900),
        ("n.1", "one"),
        ("payment_intents.2", MISSING),
        ("payment_intents.-3", MISSING),
        ("payment_intents.first", MISSING),
        ("payment_intents.0.amount.x", MISSING),
        ("", MISSING),
    ],
)
def test_state_paths(path: str, value: object) -> None:
    assert look_up(STATE, path) == value


def test_equality_is_that_of_json() -> None:
    assert same(1, 1.0)
    assert same([{"a": 1}], [{"a": 1}])
    assert not same(True, 1)
    assert not same(0, False)
    assert not same("900", 900)


def _clones() -> CloneSet:
    stripe = SimpleNamespace(url="http://stripe:12111", port=12111, config={"webhook_secret": "w"})
    email = SimpleNamespace(url="http://email:8025", port=8025, config={"strict": True})
    return cast("CloneSet", SimpleNamespace(clones={"stripe": stripe, "email": email}))


def test_placeholders_name_what_runs_beside_the_application() -> None:
    values = placeholders(_clones(), Path("/deps"))
    text = "{app.url} {clone.stripe.url} {clone.stripe.webhook_secret} {clone.email.smtp_host}"
    assert fill(text, values) == "http://app http://stripe:12111 w email"
    assert fill("{deps} {clone.email.smtp_port} {clone.email.strict}", values) == "/deps 1025 true"
    assert fill('{"json": 1} ${HOME} {}', values) == '{"json": 1} ${HOME} {}'


def test_an_unknown_placeholder_lists_the_known_ones() -> None:
    with pytest.raises(StartError, match=r"\{clone\.paypal\.url\}.*clone\.stripe\.url"):
        fill("{clone.paypal.url}", placeholders(_clones(), Path("/deps")))


def test_a_database_is_copied_while_it_is_written(tmp_path: Path) -> None:
    database = tmp_path / "var" / "shop.db"
    database.parent.mkdir()
    writer = sqlite3.connect(database, isolation_level=None)
    writer.execute("pragma journal_mode = wal")
    writer.execute("create table item (name text)")
    writer.execute("insert into item values ('committed')")
    writer.execute("begin")
    writer.execute("insert into item values ('not yet')")
    files = app_state.capture(tmp_path, ["var/shop.db"])
    assert files.keys() == {"var/shop.db"}
    elsewhere = tmp_path / "elsewhere"
    app_state.restore(elsewhere, ["var/shop.db"], files)
    restored = sqlite3.connect(elsewhere / "var" / "shop.db")
    assert restored.execute("select name from item").fetchall() == [("committed",)]


def test_restoring_makes_the_state_exactly_what_it_was(tmp_path: Path) -> None:
    (tmp_path / "data" / "deep").mkdir(parents=True)
    (tmp_path / "data" / "deep" / "a.txt").write_text("a")
    files = app_state.capture(tmp_path, ["data", "absent.db"])
    (tmp_path / "data" / "deep" / "a.txt").write_text("changed")
    (tmp_path / "data" / "new.txt").write_text("new")
    (tmp_path / "absent.db").write_text("made later")
    (tmp_path / "absent.db-wal").write_text("made later")
    app_state.restore(tmp_path, ["data", "absent.db"], files)
    left = sorted(p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file())
    assert left == ["data/deep/a.txt"]
    assert (tmp_path / "data" / "deep" / "a.txt").read_text() == "a"


def test_a_snapshot_cannot_write_outside(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="outside"):
        app_state.restore(tmp_path / "app", [], {"../evil": ""})
    link = tmp_path / "app" / "out"
    link.parent.mkdir()
    link.symlink_to(tmp_path)
    assert app_state.capture(tmp_path / "app", ["out"]) == {}
    with pytest.raises(ValueError, match="outside"):
        app_state.restore(tmp_path / "app", [], {"out/evil": ""})


def test_the_sink_refuses_and_reports() -> None:
    asked: list[str] = []
    sink = Sink(asked.append, port=0)
    question = (
        b"\x12\x34\x01\x00\x00\x01" + bytes(6) + b"\x03api\x06Stripe\x03com\x00\x00\x01\x00\x01"
    )
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(5)
        client.sendto(b"rubbish", ("127.0.0.1", sink.port))
        client.sendto(question, ("127.0.0.1", sink.port))
        answer: Any = client.recv(512)
    sink.close()
    assert answer[:2] == b"\x12\x34"
    assert answer[3] & 0x0F == 3
    assert answer[12:] == question[12:]
    assert asked == ["api.stripe.com"]
