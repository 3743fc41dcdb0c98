"""Stripe's error shapes. Which error a call earns is decided by the resources."""

from typing import Any, Self

from ..wire import Response


class StripeError(Exception):
    """An answer of the API with an ``error`` object."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        **more: Any,
    ) -> None:
        """``more`` lands in the error object beside message, type, code and param."""
        super().__init__(message)
        self.status = status
        known = {"type": kind, "message": message, "code": code, "param": param, **more}
        self.error = {name: value for name, value in known.items() if value is not None}

    @classmethod
    def missing(cls, name: str, value: str, *, param: str = "id", status: int = 404) -> Self:
        """No such object (404 in the path, 400 in a parameter)."""
        message = f"No such {name}: '{value}'"
        return cls(message, status=status, code="resource_missing", param=param)

    @classmethod
    def required(cls, param: str) -> Self:
        """A parameter that must be given was not."""
        return cls(f"Missing required param: {param}.", code="parameter_missing", param=param)

    @classmethod
    def invalid(cls, param: str, message: str, *, code: str = "parameter_invalid") -> Self:
        """A parameter has a value that cannot be used."""
        return cls(message, code=code, param=param)

    @classmethod
    def state(cls, message: str, *, code: str, **more: Any) -> Self:
        """The object's state does not allow this."""
        return cls(message, code=code, **more)

    def response(self) -> Response:
        """The HTTP answer."""
        return Response(self.status, {"error": self.error})
