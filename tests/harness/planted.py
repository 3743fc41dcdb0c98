"""Recordings with secrets of their own: the fixtures' planted values replaced by unique ones."""

import io
import uuid
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

from trace_app.domain.redaction.rules import is_card


def _card() -> str:
    """A number that a checker takes for a card; no issuer gave it to anybody."""
    body = f"4{uuid.uuid4().int % 10**14:014d}"
    return next(f"{body}{check}" for check in range(10) if is_card(f"{body}{check}"))


@dataclass(frozen=True)
class Planted:
    """Values that occur nowhere else on the machine."""

    card: str = field(default_factory=_card)
    password: str = field(default_factory=lambda: f"Hunter-{uuid.uuid4().hex[:12]}")
    token: str = field(default_factory=lambda: f"sk_test_51{uuid.uuid4().hex}")
    cookie: str = field(default_factory=lambda: f"sid{uuid.uuid4().hex[:12]}")

    @property
    def all(self) -> tuple[str, ...]:
        return (self.card, self.password, self.token, self.cookie)

    def into(self, text: bytes) -> bytes:
        """The text with the fixtures' secrets replaced by these."""
        for old, new in (
            (b"4242424242424242", self.card),
            (b"hunter2", self.password),
            (b"sk_test_51SECRETtoken", self.token),
            (b'"bug=1', f'"bug={self.cookie}'),
            (b'"name":"bug","value":"1"', f'"name":"bug","value":"{self.cookie}"'),
        ):
            text = text.replace(old, new.encode())
        return text

    def recording(self, fixture: Path) -> bytes:
        """A Playwright zip like the fixture, with these secrets in every member that has one."""
        out = io.BytesIO()
        with zipfile.ZipFile(fixture) as source, zipfile.ZipFile(out, "w") as target:
            for name in source.namelist():
                target.writestr(name, self.into(source.read(name)))
        return out.getvalue()


def readable(body: bytes) -> bytes:
    """A zip's members as they read, zips inside it included; any other body as it is."""
    if not zipfile.is_zipfile(io.BytesIO(body)):
        return body
    with zipfile.ZipFile(io.BytesIO(body)) as opened:
        return b"\n".join(
            name.encode() + b"\n" + readable(opened.read(name)) for name in opened.namelist()
        )
