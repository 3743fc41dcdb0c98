"""Events and webhook endpoints: who is told of what. The sending is in ``delivery``."""

from typing import Any

from .errors import StripeError
from .fields import boolean, mapping, merged_metadata, read_given, read_new, sequence, text
from .store import Call, Object, Route, Store, page

SHARED = {"description": text(), "metadata": mapping(default={})}
CREATE = {
    **SHARED,
    "api_version": text(),
    "enabled_events": sequence(required=True),
    "url": text(required=True),
}
UPDATE = {**SHARED, "enabled_events": sequence(), "url": text(), "disabled": boolean()}
CONFIGURED = "we_configured"
DEFAULT_SECRET = "whsec_clone_default_secret"


def configured_endpoint(store: Store) -> Object | None:
    """The endpoint of the project's configuration; never part of a snapshot's state."""
    config = store.clone.config
    if not config.get("webhook_url"):
        return None
    return {
        "id": CONFIGURED,
        "object": "webhook_endpoint",
        "api_version": None,
        "created": 0,
        "description": "from .molar/molar.toml",
        "enabled_events": list(config.get("webhook_events", ["*"])),
        "livemode": False,
        "metadata": {},
        "status": "enabled",
        "url": config["webhook_url"],
    }


def endpoints(store: Store) -> list[Object]:
    """All endpoints, the configured one first."""
    first = configured_endpoint(store)
    created = store.all("webhook_endpoints")
    return [first, *created] if first else list(created)


def subscribers(store: Store, kind: str) -> list[Object]:
    """The enabled endpoints that want events of this type."""
    return [
        endpoint
        for endpoint in endpoints(store)
        if endpoint["status"] == "enabled"
        and any(wanted in ("*", kind) for wanted in endpoint["enabled_events"])
    ]


def secret_of(store: Store, endpoint: Object) -> str:
    """The secret that signs deliveries to this endpoint."""
    if endpoint["id"] == CONFIGURED:
        return str(store.clone.config.get("webhook_secret", DEFAULT_SECRET))
    return "whsec_" + store.clone.digest(f"secret:{endpoint['id']}", length=32)


def _create(call: Call) -> Object:
    values = read_new(call.params, CREATE)
    _check_url(values["url"])
    made = call.store.new("webhook_endpoint", "we_", {**values, "status": "enabled"})
    call.store.add("webhook_endpoints", made)
    # Stripe shows the secret once, in the answer to the creation.
    return {**made, "secret": secret_of(call.store, made)}


def _update(call: Call) -> Object:
    endpoint = call.store.find("webhook_endpoints", call.ids[0])
    given = read_given(call.params, UPDATE)
    if "url" in given:
        _check_url(given["url"])
    if "disabled" in given:
        endpoint["status"] = "disabled" if given.pop("disabled") else "enabled"
    if "metadata" in given:
        given["metadata"] = merged_metadata(endpoint["metadata"], given["metadata"] or {})
    endpoint.update(given)
    return endpoint


def _delete(call: Call) -> Object:
    endpoint = call.store.find("webhook_endpoints", call.ids[0])
    call.store.all("webhook_endpoints").remove(endpoint)
    return {"id": endpoint["id"], "object": "webhook_endpoint", "deleted": True}


def _retrieve(call: Call) -> Object:
    for endpoint in endpoints(call.store):
        if endpoint["id"] == call.ids[0]:
            return endpoint
    raise StripeError.missing("webhook endpoint", call.ids[0])


def _list(call: Call) -> Object:
    return page(call, endpoints(call.store), url="/v1/webhook_endpoints")


def _check_url(url: Any) -> None:
    if not str(url).startswith(("http://", "https://")):
        raise StripeError.invalid("url", "Invalid URL: an explicit scheme must be provided.")


def _event(call: Call) -> Object:
    return call.store.find("events", call.ids[0])


def _events(call: Call) -> Object:
    wanted = call.params.get("types") or [call.params.get("type")]
    items = call.store.all("events")
    chosen = [item for item in items if wanted == [None] or item["type"] in wanted]
    return page(call, chosen, url="/v1/events")


ROUTES = [
    Route("POST", "/v1/webhook_endpoints", _create),
    Route("GET", "/v1/webhook_endpoints", _list),
    Route("GET", "/v1/webhook_endpoints/{}", _retrieve),
    Route("POST", "/v1/webhook_endpoints/{}", _update),
    Route("DELETE", "/v1/webhook_endpoints/{}", _delete),
    Route("GET", "/v1/events", _events),
    Route("GET", "/v1/events/{}", _event),
]
