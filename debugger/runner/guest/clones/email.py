"""The email clone: an SMTP server that delivers into an inbox the scenario can read.

``python -m guest.clones.email --port P --smtp-port Q``; the admin API has its own port.
"""

import email
import email.policy
import re
import socket
import time
from email.message import EmailMessage
from typing import Any, ClassVar, override

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from .base import Clone
from .cli import parser, read_config, serve
from .wire import Request, Response

MAX_MESSAGE = 10 * 1024 * 1024
LINK = re.compile(r"https?://[^\s<>\"')]+")


class EmailClone(Clone):
    """An inbox for everybody. ``state.messages`` is in the order of arrival.

    Message-ID, Date and other headers that change from run to run are not kept.
    """

    kind: ClassVar[str] = "email"

    def __init__(
        self, *, seed: str = "", config: dict[str, Any] | None = None, smtp_port: int = 0
    ) -> None:
        """Listen for mail on ``smtp_port`` (0 takes a free one) once started."""
        super().__init__(seed=seed, config=config)
        self._controller = _Listener(self, port=smtp_port)

    @property
    def smtp_port(self) -> int:
        """The port mail is taken on."""
        return int(self._controller.port)

    @override
    def initial_state(self) -> dict[str, Any]:
        return {"messages": []}

    @override
    def start(self) -> None:
        self._controller.start()

    @override
    def stop(self) -> None:
        self._controller.stop(no_assert=True)

    @override
    def handle(self, request: Request) -> Response:
        if (request.method, request.path) == ("GET", "/messages"):
            return Response(200, {"messages": self.state["messages"]})
        return super().handle(request)

    def receive(self, sender: str, recipients: list[str], content: bytes) -> dict[str, Any]:
        """Put one mail into the inbox and give its row."""
        started = time.time()
        parsed = email.message_from_bytes(content, policy=email.policy.default)
        with self.lock:
            row = {"id": self.new_id("msg_"), "received": self.now, **read_mail(parsed)}
            row.update({"from": row["from"] or sender, "to": row["to"] or recipients})
            row["envelope"] = {"from": sender, "to": recipients}
            self.state["messages"].append(row)
        shown = {"clone": self.kind, "method": "SMTP", "path": ", ".join(recipients)}
        details = {**shown, "status": 250, "body": row}
        self.journal.add("clone.request", started=started, data=details)
        return row


class _Listener(Controller):
    """aiosmtpd in a thread of its own."""

    def __init__(self, clone: EmailClone, *, port: int) -> None:
        self.clone = clone
        port = port or free_port()
        super().__init__(self, hostname="127.0.0.1", port=port, data_size_limit=MAX_MESSAGE)

    async def handle_DATA(  # noqa: N802 - aiosmtpd calls it by this name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        content = envelope.content or b""
        data = content if isinstance(content, bytes) else content.encode()
        self.clone.receive(envelope.mail_from or "", list(envelope.rcpt_tos), data)
        return "250 Message accepted for delivery"


def free_port() -> int:
    """A port nobody listens on. aiosmtpd must know its port before it binds it."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def read_mail(message: EmailMessage) -> dict[str, Any]:
    """What a reader of the mail sees: from, to, subject, text, html, links, attachments."""
    plain = message.get_body(preferencelist=("plain",))
    rich = message.get_body(preferencelist=("html",))
    text = _content(plain)
    markup = _content(rich)
    return {
        "from": _addresses(message, "from")[0] if message["from"] else "",
        "to": _addresses(message, "to"),
        "cc": _addresses(message, "cc"),
        "subject": str(message["subject"] or ""),
        "text": text,
        "html": markup,
        "links": list(dict.fromkeys(LINK.findall(f"{text}\n{markup}"))),
        "attachments": [
            {"name": part.get_filename() or "", "type": part.get_content_type()}
            for part in message.iter_attachments()
        ],
    }


def _addresses(message: EmailMessage, header: str) -> list[str]:
    value = message[header]
    return [address.addr_spec for address in value.addresses] if value else []


def _content(part: Any) -> str:
    return part.get_content().replace("\r\n", "\n") if part is not None else ""


def main() -> None:
    """Read the arguments and serve."""
    arguments_parser = parser(EmailClone.kind)
    arguments_parser.add_argument("--smtp-port", type=int, default=0)
    arguments = arguments_parser.parse_args()
    config = read_config(arguments.config)
    clone = EmailClone(seed=arguments.seed, config=config, smtp_port=arguments.smtp_port)
    serve(clone, host=arguments.host, port=arguments.port)


if __name__ == "__main__":
    main()
