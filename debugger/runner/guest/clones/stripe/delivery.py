"""Sends events to webhook endpoints, signed, in order, with a short fixed retry plan.

One thread sends one delivery after the other, so that two runs deliver in the same order.
"""

import copy
import hashlib
import hmac
import queue
import threading
import time
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

from ..base import Clone
from ..wire import canonical
from .store import Object

# Seconds from one attempt to the next; Stripe tries for days, a scenario cannot wait.
RETRIES = (0.25, 0.5)
# Stripe delivers after it has answered the call that made the event.
HEAD_START = 0.05
TIMEOUT = 5.0
MAX_SHOWN = 4096


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event for one endpoint; ``record`` is its row in the clone's state."""

    event: Object
    record: Object
    secret: str
    epoch: int


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of one POST: status 0 when nothing answered, then ``error`` says why."""

    status: int
    body: str = ""
    error: str | None = None

    @property
    def ok(self) -> bool:
        """Whether the endpoint took the event."""
        return 200 <= self.status < 300


class Deliverer:
    """The sending thread of one clone."""

    def __init__(self, clone: Clone) -> None:
        """Nothing is sent before ``start``."""
        self._clone = clone
        self._queue: queue.Queue[Delivery | None] = queue.Queue()
        self._open = 0
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._epoch = 0

    @property
    def pending(self) -> int:
        """Deliveries that are neither taken nor given up."""
        with self._lock:
            return self._open

    def start(self) -> None:
        """Begin to send."""
        threading.Thread(target=self._run, daemon=True, name="webhooks").start()

    def stop(self) -> None:
        """Send nothing more."""
        self._stopped.set()
        self._queue.put(None)

    def forget(self) -> None:
        """Drop what is queued: the state it belonged to has been replaced."""
        with self._lock:
            self._epoch += 1

    def add(self, event: Object, record: Object, *, secret: str) -> None:
        """Queue a delivery."""
        with self._lock:
            self._open += 1
            self._queue.put(Delivery(event, record, secret, self._epoch))

    def _run(self) -> None:
        while (delivery := self._queue.get()) is not None:
            self._deliver(delivery)
            with self._lock:
                self._open -= 1

    def _deliver(self, delivery: Delivery) -> None:
        pauses = (HEAD_START, *RETRIES)
        for number, pause in enumerate(pauses, start=1):
            self._stopped.wait(pause)
            if self._stopped.is_set() or delivery.epoch != self._epoch:
                return
            started = time.time()
            with self._clone.lock:
                payload = canonical(delivery.event)
            attempt = post(delivery.record["url"], payload, secret=delivery.secret)
            final = attempt.ok or number == len(pauses)
            self._note(delivery, attempt, number=number, final=final, started=started)
            if final:
                return

    def _note(
        self, delivery: Delivery, attempt: Attempt, *, number: int, final: bool, started: float
    ) -> None:
        record = delivery.record
        with self._clone.lock:
            record["attempts"].append(attempt.status)
            record.update(status=attempt.status, delivered=attempt.ok)
            delivery.event["pending_webhooks"] -= int(attempt.ok)
        shown = {
            "clone": self._clone.kind,
            "event": delivery.event["type"],
            "url": record["url"],
            "status": attempt.status,
            "delivery_id": record["id"],
            "attempt": number,
            "final": final,
            "body": copy.deepcopy(delivery.event),
            "response_body": attempt.body,
            "error": attempt.error,
        }
        data = {name: value for name, value in shown.items() if value is not None}
        self._clone.journal.add("clone.webhook", started=started, data=data)


def sign(payload: bytes, *, secret: str, timestamp: int) -> str:
    """The ``Stripe-Signature`` header for a payload sent at ``timestamp`` (wall clock)."""
    signed = f"{timestamp}.".encode() + payload
    mac = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return f"t={timestamp},v1={mac}"


def post(url: str, payload: bytes, *, secret: str) -> Attempt:
    """POST a payload once, following no redirect; never raises for what the network does."""
    parts = urlsplit(url)
    make = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    headers: dict[str, Any] = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        # The wall clock, not the clone's: the SDK refuses signatures older than 5 minutes.
        "Stripe-Signature": sign(payload, secret=secret, timestamp=int(time.time())),
    }
    try:
        connection = make(parts.netloc, timeout=TIMEOUT)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", path, body=payload, headers=headers)
        answer = connection.getresponse()
        text = answer.read(MAX_SHOWN).decode(errors="replace")
        connection.close()
    except (OSError, HTTPException, ValueError) as error:
        return Attempt(0, error=str(error) or type(error).__name__)
    return Attempt(answer.status, body=text)
