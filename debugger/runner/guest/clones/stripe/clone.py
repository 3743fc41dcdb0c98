"""The Stripe clone itself: authentication, idempotency keys, routing, and its own state."""

import hashlib
from collections.abc import Mapping
from typing import Any, ClassVar, override

from ..base import Clone, Unmodelled
from ..wire import Request, Response
from . import catalogue, checkout, endpoints, payments, refunds
from .delivery import Deliverer
from .errors import StripeError
from .store import COLLECTIONS, Call, Object, Route, Store, expand

ROUTES: list[Route] = [
    *catalogue.ROUTES,
    *payments.ROUTES,
    *refunds.ROUTES,
    *checkout.ROUTES,
    *endpoints.ROUTES,
]


class StripeClone(Clone):
    """A stand-in for api.stripe.com in test mode.

    Configuration: ``webhook_url``, ``webhook_secret``, ``webhook_events`` (default all),
    ``promotion_codes`` (list of ``{code, percent_off}``), ``api_key`` (default any test key).
    """

    kind: ClassVar[str] = "stripe"
    unmodelled_headers: ClassVar[Mapping[str, str]] = {"Stripe-Should-Retry": "false"}

    def __init__(self, *, seed: str = "", config: dict[str, Any] | None = None) -> None:
        """Begin with the configured promotion codes and nothing else."""
        self.store = Store(self, self._announce)
        # The SDK's idempotency keys are random, so they must stay out of the state.
        self._seen: dict[str, tuple[str, Response]] = {}
        self._deliverer = Deliverer(self)
        super().__init__(seed=seed, config=config)

    @override
    def initial_state(self) -> dict[str, Any]:
        self.state.update({name: [] for name in COLLECTIONS}, deleted={})
        catalogue.seed_promotions(self.store, self.config.get("promotion_codes", []))
        return self.state

    @override
    def public_state(self) -> dict[str, Any]:
        shown = super().public_state()
        return {**shown, "webhook_endpoints": endpoints.endpoints(self.store)}

    @override
    def pending(self) -> int:
        return self._deliverer.pending

    @override
    def start(self) -> None:
        self._deliverer.start()

    @override
    def stop(self) -> None:
        self._deliverer.stop()

    @override
    def restored(self) -> None:
        self._deliverer.forget()
        self._seen.clear()

    @override
    def handle(self, request: Request) -> Response:
        if request.path.startswith(checkout.HOSTED):
            return checkout.hosted_page(self.store, request)
        try:
            self._authenticate(request)
            return self._once(request)
        except StripeError as error:
            return error.response()

    def _authenticate(self, request: Request) -> None:
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or not key:
            message = "You did not provide an API key."
            raise StripeError(message, status=401)
        wanted = self.config.get("api_key")
        known = key == wanted if wanted else key.startswith(("sk_test_", "rk_test_"))
        if not known:
            raise StripeError(f"Invalid API Key provided: {key[:7]}***", status=401)

    def _once(self, request: Request) -> Response:
        key = request.headers.get("idempotency-key")
        if request.method != "POST" or not key:
            return self._answer(request)
        named = f"{request.path}\n".encode() + request.body
        fingerprint = hashlib.sha256(named).hexdigest()
        if key in self._seen:
            first, response = self._seen[key]
            if first != fingerprint:
                message = "Keys for idempotent requests can only be used with the same parameters."
                raise StripeError(message, kind="idempotency_error")
            headers = {**response.headers, "Idempotent-Replayed": "true"}
            return Response(response.status, response.payload(), headers)
        response = self._answer(request)
        # The bytes are kept, not the object: the object lives on and changes.
        self._seen[key] = (fingerprint, Response(response.status, response.payload()))
        return response

    def _answer(self, request: Request) -> Response:
        route, ids = find_route(request)
        params = request.params()
        try:
            answer = route.answer(Call(self.store, params, ids))
        except StripeError as error:
            return error.response()
        return Response(200, expand(self.store, answer, params.get("expand")))

    def _announce(self, event: Object) -> None:
        for endpoint in endpoints.subscribers(self.store, event["type"]):
            event["pending_webhooks"] += 1
            record = self.store.add(
                "webhook_deliveries",
                {
                    "id": self.new_id("whd_"),
                    "event": event["id"],
                    "type": event["type"],
                    "endpoint": endpoint["id"],
                    "url": endpoint["url"],
                    "attempts": [],
                    "status": None,
                    "delivered": False,
                },
            )
            secret = endpoints.secret_of(self.store, endpoint)
            self._deliverer.add(event, record, secret=secret)


def find_route(request: Request) -> tuple[Route, tuple[str, ...]]:
    """The route of a request and the ids in its path; raises Unmodelled."""
    parts = request.path.strip("/").split("/")
    for route in ROUTES:
        wanted = route.path.strip("/").split("/")
        if route.method != request.method or len(wanted) != len(parts):
            continue
        if all(name in ("{}", part) for name, part in zip(wanted, parts, strict=True)):
            ids = [part for name, part in zip(wanted, parts, strict=True) if name == "{}"]
            return route, tuple(ids)
    raise Unmodelled(f"{request.method} {request.path}")
