"""What a cart costs."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Coupon:
    code: str
    percent_off: float
    active: bool


@dataclass(frozen=True)
class Totals:
    subtotal: int
    discount: int

    @property
    def total(self):
        return self.subtotal - self.discount


def totals(lines, coupon=None):
    subtotal = sum(line["price"] * line["quantity"] for line in lines)
    discount = 0
    if coupon and coupon.active:
        discount = round(subtotal * coupon.percent_off / 100)
    return Totals(subtotal, discount)
