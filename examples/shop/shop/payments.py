"""Everything we say to Stripe."""

import stripe
from flask import current_app

from .pricing import Coupon

CARDS = {
    "pm_card_visa": "Visa ending in 4242",
    "pm_card_mastercard": "Mastercard ending in 4444",
    "pm_card_chargeDeclined": "Visa ending in 0002",
}


def client():
    settings = current_app.config["SHOP"]
    return stripe.StripeClient(
        settings.stripe_api_key,
        base_addresses={"api": settings.stripe_api_base},
        max_network_retries=0,
    )


def find_coupon(code):
    """The coupon behind a code, or None when there is no such code."""
    if not code:
        return None
    found = client().v1.promotion_codes.list(
        {"code": code, "limit": 1, "expand": ["data.promotion.coupon"]}
    )
    if not found.data:
        return None
    promotion = found.data[0]
    percent_off = promotion.promotion.coupon.percent_off or 0
    return Coupon(promotion.code, percent_off, promotion.active)


def charge(order_id, amount, card, email):
    """Charge a card for an order; the webhook confirms it. Raises stripe.CardError."""
    return client().v1.payment_intents.create(
        {
            "amount": amount,
            "currency": "usd",
            "confirm": True,
            "payment_method": card,
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
            "description": f"Kiln & Cup order {order_id}",
            "metadata": {"order_id": str(order_id)},
            **({"receipt_email": email} if email else {}),
        },
        {"idempotency_key": f"order-{order_id}-{amount}-{card}"},
    )


def refund(payment_intent):
    return client().v1.refunds.create(
        {"payment_intent": payment_intent, "reason": "requested_by_customer"}
    )


def read_event(payload, signature):
    """A verified event; raises ValueError or stripe.SignatureVerificationError."""
    secret = current_app.config["SHOP"].stripe_webhook_secret
    return stripe.Webhook.construct_event(payload, signature, secret)
