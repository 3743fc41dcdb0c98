"""Refunds of payment intents and charges."""

from .errors import StripeError
from .fields import integer, mapping, merged_metadata, read_given, read_new, text
from .store import Call, Object, Route, Store, page

CREATE = {
    "amount": integer(),
    "charge": text(),
    "metadata": mapping(default={}),
    "payment_intent": text(),
    "reason": text(),
}
REASONS = ("duplicate", "fraudulent", "requested_by_customer")


def _create(call: Call) -> Object:
    values = read_new(call.params, CREATE)
    if values["reason"] not in (None, *REASONS):
        raise StripeError.invalid("reason", f"Invalid reason: must be one of {', '.join(REASONS)}")
    charge = _charge(call.store, values["payment_intent"], values["charge"])
    amount = _amount(charge, values["amount"])
    refund = call.store.new(
        "refund",
        "re_",
        {
            "amount": amount,
            "charge": charge["id"],
            "currency": charge["currency"],
            "metadata": values["metadata"],
            "payment_intent": charge["payment_intent"],
            "reason": values["reason"],
            "status": "succeeded",
        },
    )
    del refund["livemode"]
    call.store.add("refunds", refund)
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount_captured"]
    call.store.emit("refund.created", refund)
    call.store.emit("charge.refunded", charge)
    return refund


def _charge(store: Store, intent_id: str | None, charge_id: str | None) -> Object:
    if not intent_id and not charge_id:
        message = "One of the following params should be provided: payment_intent or charge."
        raise StripeError(message, code="parameter_missing")
    if charge_id:
        return store.find("charges", charge_id, param="charge")
    intent = store.find("payment_intents", str(intent_id), param="payment_intent")
    if intent["latest_charge"] is None:
        message = (
            f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund."
        )
        raise StripeError.state(message, code="payment_intent_unexpected_state")
    return store.find("charges", intent["latest_charge"])


def _amount(charge: Object, wanted: int | None) -> int:
    left = int(charge["amount_captured"] - charge["amount_refunded"])
    if left <= 0:
        message = f"Charge {charge['id']} has already been refunded."
        raise StripeError.state(message, code="charge_already_refunded")
    if wanted is None:
        return left
    if not 0 < wanted <= left:
        message = f"Refund amount ({wanted}) is greater than unrefunded amount on charge ({left})"
        raise StripeError.invalid("amount", message, code="amount_too_large")
    return wanted


def _retrieve(call: Call) -> Object:
    return call.store.find("refunds", call.ids[0])


def _update(call: Call) -> Object:
    refund = call.store.find("refunds", call.ids[0])
    given = read_given(call.params, {"metadata": mapping(default={})})
    refund["metadata"] = merged_metadata(refund["metadata"], given.get("metadata", {}))
    return refund


def _list(call: Call) -> Object:
    wanted = {name: call.params.get(name) for name in ("payment_intent", "charge")}
    chosen = [
        item
        for item in call.store.all("refunds")
        if all(value in (None, item[name]) for name, value in wanted.items())
    ]
    return page(call, chosen, url="/v1/refunds")


ROUTES = [
    Route("POST", "/v1/refunds", _create),
    Route("GET", "/v1/refunds", _list),
    Route("GET", "/v1/refunds/{}", _retrieve),
    Route("POST", "/v1/refunds/{}", _update),
]
