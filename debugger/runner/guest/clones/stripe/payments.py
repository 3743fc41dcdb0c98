"""Payment intents and the charges they make. Refunds are in ``refunds``."""

from typing import Any

from ..base import Unmodelled
from .errors import StripeError
from .fields import boolean, integer, mapping, merged_metadata, read_given, read_new, sequence, text
from .store import Call, Object, Route, Store, page

# Stripe's test payment methods, and what becomes of a payment made with each.
CARDS: dict[str, str] = {
    "pm_card_visa": "ok",
    "pm_card_visa_debit": "ok",
    "pm_card_mastercard": "ok",
    "pm_card_amex": "ok",
    "pm_card_chargeDeclined": "generic_decline",
    "pm_card_visa_chargeDeclined": "generic_decline",
    "pm_card_chargeDeclinedInsufficientFunds": "insufficient_funds",
    "pm_card_chargeDeclinedExpiredCard": "expired_card",
    "pm_card_authenticationRequired": "requires_action",
    "pm_card_threeDSecure2Required": "requires_action",
}
SHARED = {
    "customer": text(),
    "description": text(),
    "metadata": mapping(default={}),
    "payment_method": text(),
    "payment_method_types": sequence(default=["card"]),
    "receipt_email": text(),
    "setup_future_usage": text(),
    "shipping": mapping(),
    "statement_descriptor": text(),
}
CREATE = {
    **SHARED,
    "amount": integer(required=True),
    "automatic_payment_methods": mapping(),
    "capture_method": text(default="automatic"),
    "confirm": boolean(),
    "currency": text(required=True),
    "off_session": boolean(),
    "return_url": text(),
}
UPDATE = {**SHARED, "amount": integer(), "currency": text()}
CONFIRM = {"payment_method": text(), "return_url": text(), "off_session": boolean()}
MINIMUM = 50


def create_intent(store: Store, values: dict[str, Any]) -> Object:
    """A payment intent out of ``CREATE`` values, confirmed when they say so."""
    confirm = values.pop("confirm")
    for transient in ("automatic_payment_methods", "off_session", "return_url"):
        values.pop(transient, None)
    _check_amount(values["amount"])
    if values["customer"]:
        store.find("customers", values["customer"], param="customer")
    made = store.new("payment_intent", "pi_", {**values, **_unpaid(values)})
    made["client_secret"] = f"{made['id']}_secret_{store.clone.digest(made['id'], length=20)}"
    made["currency"] = made["currency"].lower()
    if made["payment_method"]:
        _card(made["payment_method"])
    store.add("payment_intents", made)
    store.emit("payment_intent.created", made)
    return confirm_intent(store, made) if confirm else made


def confirm_intent(store: Store, intent: Object) -> Object:
    """Attempt the payment; raises StripeError with 402 when the card is declined."""
    if intent["status"] not in ("requires_payment_method", "requires_confirmation"):
        _refuse(intent, "confirm")
    method = intent["payment_method"]
    if not method:
        message = "You cannot confirm this PaymentIntent because it's missing a payment method."
        raise StripeError.state(message, code="payment_intent_unexpected_state")
    outcome = _card(method)
    if outcome == "requires_action":
        intent["status"] = "requires_action"
        intent["next_action"] = {"type": "use_stripe_sdk", "use_stripe_sdk": {}}
        store.emit("payment_intent.requires_action", intent)
    elif outcome == "ok":
        _charge(store, intent)
    else:
        _decline(store, intent, outcome)
    return intent


def _charge(store: Store, intent: Object) -> None:
    captured = intent["capture_method"] != "manual"
    values = {
        "amount": intent["amount"],
        "amount_captured": intent["amount"] if captured else 0,
        "amount_refunded": 0,
        "captured": captured,
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "metadata": dict(intent["metadata"]),
        "paid": True,
        "payment_intent": intent["id"],
        "payment_method": intent["payment_method"],
        "receipt_email": intent["receipt_email"],
        "refunded": False,
        "status": "succeeded",
    }
    charge = store.add("charges", store.new("charge", "ch_", values))
    intent.update(latest_charge=charge["id"], last_payment_error=None, next_action=None)
    if captured:
        intent.update(status="succeeded", amount_received=intent["amount"])
        store.emit("charge.succeeded", charge)
        store.emit("payment_intent.succeeded", intent)
    else:
        intent.update(status="requires_capture", amount_capturable=intent["amount"])
        store.emit("payment_intent.amount_capturable_updated", intent)


def _decline(store: Store, intent: Object, reason: str) -> None:
    code = "expired_card" if reason == "expired_card" else "card_declined"
    message = "Your card has expired." if code == "expired_card" else "Your card was declined."
    error = {"type": "card_error", "code": code, "decline_code": reason, "message": message}
    intent.update(last_payment_error=error, payment_method=None)
    intent["status"] = "requires_payment_method"
    store.emit("payment_intent.payment_failed", intent)
    raise StripeError(
        message,
        status=402,
        kind="card_error",
        code=code,
        decline_code=reason,
        payment_intent=dict(intent),
    )


def _unpaid(values: dict[str, Any]) -> Object:
    ready = "requires_confirmation" if values["payment_method"] else "requires_payment_method"
    return {
        "amount_capturable": 0,
        "amount_received": 0,
        "canceled_at": None,
        "cancellation_reason": None,
        "confirmation_method": "automatic",
        "last_payment_error": None,
        "latest_charge": None,
        "next_action": None,
        "status": ready,
    }


def _card(method: str) -> str:
    if method not in CARDS:
        raise StripeError.missing("PaymentMethod", method, param="payment_method", status=400)
    return CARDS[method]


def _check_amount(amount: int) -> None:
    if amount < 1:
        code = "parameter_invalid_integer"
        raise StripeError.invalid(
            "amount", "This value must be greater than or equal to 1.", code=code
        )
    if amount < MINIMUM:
        message = "Amount must convert to at least 50 cents."
        raise StripeError.invalid("amount", message, code="amount_too_small")


def _refuse(intent: Object, verb: str) -> None:
    message = f"You cannot {verb} this PaymentIntent because it has a status of {intent['status']}."
    code = "payment_intent_unexpected_state"
    raise StripeError.state(message, code=code, payment_intent=dict(intent))


def _create(call: Call) -> Object:
    values = read_new(call.params, CREATE)
    if (values["automatic_payment_methods"] or {}).get("enabled") == "false":
        raise Unmodelled("automatic_payment_methods switched off")
    return create_intent(call.store, values)


def _retrieve(call: Call) -> Object:
    params = {name: value for name, value in call.params.items() if name != "client_secret"}
    read_given(params, {})
    return call.store.find("payment_intents", call.ids[0])


def _update(call: Call) -> Object:
    intent = call.store.find("payment_intents", call.ids[0])
    given = read_given(call.params, UPDATE)
    if intent["status"] in ("succeeded", "canceled") and set(given) - {"metadata", "description"}:
        _refuse(intent, "update")
    if "amount" in given:
        _check_amount(given["amount"])
    if given.get("payment_method"):
        _card(given["payment_method"])
        intent["status"] = "requires_confirmation"
    if "metadata" in given:
        given["metadata"] = merged_metadata(intent["metadata"], given["metadata"] or {})
    intent.update(given)
    return intent


def _confirm(call: Call) -> Object:
    intent = call.store.find("payment_intents", call.ids[0])
    given = read_given(call.params, CONFIRM)
    if given.get("payment_method"):
        _card(given["payment_method"])
        intent["payment_method"] = given["payment_method"]
    return confirm_intent(call.store, intent)


def _cancel(call: Call) -> Object:
    intent = call.store.find("payment_intents", call.ids[0])
    given = read_given(call.params, {"cancellation_reason": text()})
    if intent["status"] in ("succeeded", "canceled"):
        _refuse(intent, "cancel")
    intent.update(status="canceled", canceled_at=call.store.clone.now, amount_capturable=0)
    intent["cancellation_reason"] = given.get("cancellation_reason")
    call.store.emit("payment_intent.canceled", intent)
    return intent


def _capture(call: Call) -> Object:
    intent = call.store.find("payment_intents", call.ids[0])
    given = read_given(call.params, {"amount_to_capture": integer()})
    if intent["status"] != "requires_capture":
        _refuse(intent, "capture")
    amount = given.get("amount_to_capture", intent["amount_capturable"])
    if amount > intent["amount_capturable"]:
        message = "The amount to capture is greater than the remaining amount."
        raise StripeError.invalid("amount_to_capture", message, code="amount_too_large")
    charge = call.store.find("charges", intent["latest_charge"])
    charge.update(captured=True, amount_captured=amount)
    intent.update(status="succeeded", amount_received=amount, amount_capturable=0)
    call.store.emit("charge.captured", charge)
    call.store.emit("payment_intent.succeeded", intent)
    return intent


def _list(call: Call) -> Object:
    customer = call.params.get("customer")
    items = call.store.all("payment_intents")
    chosen = [item for item in items if customer in (None, item["customer"])]
    return page(call, chosen, url="/v1/payment_intents")


def _charges(call: Call) -> Object:
    intent = call.params.get("payment_intent")
    items = call.store.all("charges")
    chosen = [item for item in items if intent in (None, item["payment_intent"])]
    return page(call, chosen, url="/v1/charges")


def _retrieve_charge(call: Call) -> Object:
    return call.store.find("charges", call.ids[0])


ROUTES = [
    Route("POST", "/v1/payment_intents", _create),
    Route("GET", "/v1/payment_intents", _list),
    Route("GET", "/v1/payment_intents/{}", _retrieve),
    Route("POST", "/v1/payment_intents/{}", _update),
    Route("POST", "/v1/payment_intents/{}/confirm", _confirm),
    Route("POST", "/v1/payment_intents/{}/cancel", _cancel),
    Route("POST", "/v1/payment_intents/{}/capture", _capture),
    Route("GET", "/v1/charges", _charges),
    Route("GET", "/v1/charges/{}", _retrieve_charge),
]
