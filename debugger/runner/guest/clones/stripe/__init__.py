"""The Stripe clone: the part of the API that a shop's checkout, refunds and webhooks use."""

from .clone import StripeClone

__all__ = ["StripeClone"]
