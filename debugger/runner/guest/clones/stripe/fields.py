"""Reads form parameters by a table of fields: types, required ones, unknown ones. No state."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..base import Unmodelled
from .errors import StripeError


@dataclass(frozen=True, slots=True)
class Field:
    """How one parameter is read; ``default`` stands in the object when it is not given."""

    read: Callable[[str, Any], Any]
    required: bool = False
    default: Any = None


def _text(param: str, value: Any) -> str:
    if not isinstance(value, str):
        raise StripeError.invalid(param, f"Invalid string: {param}")
    return value


def _integer(param: str, value: Any) -> int:
    try:
        return int(str(value))
    except ValueError:
        message = f"Invalid integer: {value}"
        raise StripeError.invalid(param, message, code="parameter_invalid_integer") from None


def _number(param: str, value: Any) -> int | float:
    try:
        number = float(str(value))
    except ValueError:
        raise StripeError.invalid(param, f"Invalid decimal: {value}") from None
    return int(number) if number.is_integer() else number


def _boolean(param: str, value: Any) -> bool:
    named = {"true": True, "false": False, True: True, False: False}
    if not isinstance(value, str | bool) or value not in named:
        raise StripeError.invalid(param, f"Invalid boolean: {value}")
    return named[value]


def _mapping(param: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise StripeError.invalid(param, f"Invalid object: {param}")
    return value


def _sequence(param: str, value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise StripeError.invalid(param, f"Invalid array: {param}")
    return value


def text(*, required: bool = False, default: str | None = None) -> Field:
    """A string."""
    return Field(_text, required, default)


def integer(*, required: bool = False, default: int | None = None) -> Field:
    """A whole number (money is in the smallest unit, time in seconds)."""
    return Field(_integer, required, default)


def number() -> Field:
    """A decimal number."""
    return Field(_number)


def boolean(*, default: bool | None = None) -> Field:
    """``true`` or ``false``."""
    return Field(_boolean, default=default)


def mapping(*, default: dict[str, Any] | None = None) -> Field:
    """An object of strings, kept as it came."""
    return Field(_mapping, default=default)


def sequence(*, required: bool = False, default: list[Any] | None = None) -> Field:
    """An array, kept as it came."""
    return Field(_sequence, required, default)


def read_new(params: Mapping[str, Any], fields: Mapping[str, Field]) -> dict[str, Any]:
    """Values for a new object, defaults filled in. Raises StripeError, Unmodelled."""
    for name, field in fields.items():
        if field.required and not params.get(name):
            raise StripeError.required(name)
    defaults = {name: _fresh(field.default) for name, field in fields.items()}
    return {**defaults, **read_given(params, fields)}


def read_given(params: Mapping[str, Any], fields: Mapping[str, Field]) -> dict[str, Any]:
    """Only the values that were given; an empty string unsets. Raises StripeError, Unmodelled.

    A parameter outside the table may well be one of Stripe's: saying nothing would be a lie.
    """
    known = {name: value for name, value in params.items() if name != "expand"}
    for name in known:
        if name not in fields:
            raise Unmodelled(f"the parameter {name}")
    return {
        name: _fresh(fields[name].default) if value == "" else fields[name].read(name, value)
        for name, value in known.items()
    }


def merged_metadata(old: Mapping[str, str], new: Mapping[str, str]) -> dict[str, str]:
    """Metadata after an update: keys are added or replaced, an empty value removes one."""
    return {key: value for key, value in {**old, **new}.items() if value != ""}


def _fresh(default: Any) -> Any:
    # Objects in the state must not share a table's default.
    return default.copy() if isinstance(default, dict | list) else default
