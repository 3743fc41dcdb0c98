"""The mail clone takes real SMTP and keeps what a reader of the mail would see."""

import json
import smtplib
import subprocess
import sys
import threading
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import httpx
import pytest

from debugger.runner.guest import clones
from debugger.runner.guest.clones.email import EmailClone
from debugger.runner.guest.clones.server import CloneServer

GUEST_ROOT = Path(clones.__file__).parents[2]


@pytest.fixture
def served() -> Iterator[tuple[EmailClone, str]]:
    clone = EmailClone(seed="s")
    server = CloneServer(clone)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield clone, server.url
    server.shutdown()
    server.server_close()


def mail(subject: str = "Welcome") -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Kiln & Cup <shop@example.org>"
    message["To"] = "Ada <ada@example.org>, bob@example.org"
    message["Subject"] = subject
    message.set_content("Grüße! Open http://app/confirm?code=1 to go on.\n")
    message.add_alternative("<p>Grüße!</p>", subtype="html")
    message.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="bill.pdf")
    return message


def test_a_mail_lands_in_the_inbox(served: tuple[EmailClone, str]) -> None:
    clone, url = served
    with smtplib.SMTP("127.0.0.1", clone.smtp_port) as smtp:
        smtp.send_message(mail("Grüße, Ada"))
    [row] = httpx.get(f"{url}/_clone/state").json()["messages"]
    assert row["from"] == "shop@example.org"
    assert row["to"] == ["ada@example.org", "bob@example.org"]
    assert row["subject"] == "Grüße, Ada"
    assert row["text"] == "Grüße! Open http://app/confirm?code=1 to go on.\n"
    assert row["html"] == "<p>Grüße!</p>\n"
    assert row["links"] == ["http://app/confirm?code=1"]
    assert row["attachments"] == [{"name": "bill.pdf", "type": "application/pdf"}]
    [entry] = httpx.get(f"{url}/_clone/journal").json()["entries"]
    assert (entry["kind"], entry["data"]["method"]) == ("clone.request", "SMTP")


def test_the_inbox_is_the_same_on_a_second_run_and_after_a_restore() -> None:
    snapshots = []
    for _ in range(2):
        clone = EmailClone(seed="s")
        for number in range(3):
            message = mail(f"Number {number}")
            message["Message-ID"] = f"<{id(message)}@x>"
            clone.receive("shop@example.org", ["ada@example.org"], message.as_bytes())
        snapshots.append(clone.snapshot())
    assert snapshots[0] == snapshots[1]
    other = EmailClone(seed="s")
    other.restore(json.loads(snapshots[0]))
    assert other.snapshot() == snapshots[0]


def test_a_broken_mail_is_kept_rather_than_lost(served: tuple[EmailClone, str]) -> None:
    clone, url = served
    with smtplib.SMTP("127.0.0.1", clone.smtp_port) as smtp:
        smtp.sendmail("a@example.org", ["b@example.org"], b"no headers\xff at all")
    [row] = httpx.get(f"{url}/_clone/state").json()["messages"]
    assert (row["from"], row["to"]) == ("a@example.org", ["b@example.org"])


OWN_CLONE = """
from guest.clones import Clone, Request, Response


class Weather(Clone):
    kind = "weather"

    def initial_state(self):
        return {"asked": []}

    def handle(self, request: Request) -> Response:
        if request.path != "/today":
            return super().handle(request)
        self.state["asked"].append(self.new_id("q_"))
        return Response(200, {"sky": self.config["sky"]})
"""


def test_a_project_brings_its_own_clone(tmp_path: Path) -> None:
    (tmp_path / "weather.py").write_text(OWN_CLONE)
    (tmp_path / "config.json").write_text('{"sky": "clear"}')
    files = ["--file", str(tmp_path / "weather.py"), "--config", str(tmp_path / "config.json")]
    with subprocess.Popen(
        [sys.executable, "-m", "guest.clones", *files],
        env={"PYTHONPATH": str(GUEST_ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split()[1]
        assert httpx.get(f"{url}/today").json() == {"sky": "clear"}
        assert httpx.get(f"{url}/tomorrow").status_code == 501
        assert len(httpx.get(f"{url}/_clone/state").json()["asked"]) == 1
        process.terminate()
        assert process.wait(10) == 0
