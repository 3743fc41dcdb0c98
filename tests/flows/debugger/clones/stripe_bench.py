"""What the tests of the Stripe clone share: a receiver of webhooks, a clone on a port, a payment."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import stripe

from debugger.runner.guest.clones.stripe import StripeClone

SECRET = "whsec_test"


@dataclass
class Receiver:
    """A webhook endpoint that notes what came and answers as told."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    events: list[stripe.Event] = field(default_factory=list)
    attempts: list[str] = field(default_factory=list)


@dataclass
class Bench:
    """One clone on a port, and the SDK's client for it."""

    clone: StripeClone
    url: str
    client: stripe.StripeClient

    @property
    def v1(self) -> Any:
        return self.client.v1

    def state(self) -> dict[str, Any]:
        reply: dict[str, Any] = httpx.get(f"{self.url}/_clone/state?settle=5000").json()
        return reply

    def snapshot(self) -> bytes:
        return httpx.get(f"{self.url}/_clone/snapshot?settle=5000").content

    def journal(self) -> list[dict[str, Any]]:
        reply = httpx.get(f"{self.url}/_clone/journal?after=0").json()
        entries: list[dict[str, Any]] = reply["entries"]
        return entries


type Start = Callable[..., Bench]


def pay(bench: Bench, amount: int = 900, **more: Any) -> Any:
    return bench.v1.payment_intents.create(
        {
            "amount": amount,
            "currency": "usd",
            "payment_method": "pm_card_visa",
            "confirm": True,
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
            **more,
        }
    )
