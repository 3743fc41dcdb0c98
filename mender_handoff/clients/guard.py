"""HTTP client of a project's Guard (docs/reference/guard-api.md).

Typed replies, own errors; retries are the caller's.
"""

from collections.abc import Collection
from types import TracebackType
from typing import Self

import httpx

from mender_handoff.clients import replies
from mender_handoff.clients.addresses import ForbiddenAddressError, check_address
from mender_handoff.clients.replies import TooLongError
from mender_handoff.domain.messages import (
    AttemptRequest,
    AttemptView,
    CheckRequest,
    CheckView,
    MessageError,
    decode,
    encode,
)

TIMEOUT = httpx.Timeout(15, connect=5)


class GuardError(Exception):
    """Guard could not be used; the text is fit for people."""


class GuardUnreachableError(GuardError):
    """No usable answer: try again later."""


class GuardRefusedError(GuardError):
    """Guard understood and said no: trying the same again is useless. `code` is Guard's."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"Guard answered {status} {code}: {message}")
        self.status, self.code = status, code


class GuardClient:
    """Calls of one project's Guard. Use as a context manager."""

    def __init__(self, api_url: str, token: str, *, allowed_hosts: Collection[str]) -> None:
        self._url, self._allowed = api_url.rstrip("/"), allowed_hosts
        self._http = httpx.Client(
            timeout=TIMEOUT,
            follow_redirects=False,
            trust_env=False,
            headers={"Authorization": f"Bearer {token}", "Accept": "application/json"},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self._http.close()

    def create_attempt(self, request: AttemptRequest) -> AttemptView:
        """POST /v1/mender/attempts; repeating it with the same idempotency key changes nothing."""
        body = self._call("POST", "/v1/mender/attempts", encode(request), request.idempotency_key)
        return self._reply(body, AttemptView)

    def attempt(self, job_id: str) -> AttemptView:
        """GET /v1/mender/attempts/{id}."""
        return self._reply(self._call("GET", f"/v1/mender/attempts/{job_id}"), AttemptView)

    def create_check(self, request: CheckRequest) -> CheckView:
        """POST /v1/checks; repeating it with the same idempotency key changes nothing."""
        body = self._call("POST", "/v1/checks", encode(request), request.idempotency_key)
        return self._reply(body, CheckView)

    def check(self, check_id: str) -> CheckView:
        """GET /v1/checks/{id}."""
        return self._reply(self._call("GET", f"/v1/checks/{check_id}"), CheckView)

    def _call(self, method: str, path: str, body: bytes | None = None, key: str = "") -> bytes:
        headers = {"Content-Type": "application/json"} if body is not None else {}
        headers |= {"Idempotency-Key": key} if key else {}
        try:
            status, answer = self._exchange(method, httpx.URL(self._url + path), headers, body)
        except ForbiddenAddressError as error:
            raise GuardRefusedError(0, "forbidden_address", str(error)) from error
        except (httpx.HTTPError, TooLongError) as error:
            raise GuardUnreachableError(f"Guard does not answer: {error}") from error
        if replies.is_for_later(status):
            raise GuardUnreachableError(f"Guard answered {status}")
        if not 200 <= status < 300:
            raise GuardRefusedError(status, *replies.error_of(answer))
        return answer

    def _exchange(
        self, method: str, url: httpx.URL, headers: dict[str, str], body: bytes | None
    ) -> tuple[int, bytes]:
        """Connect to the very address that was checked; name and certificate stay the URL's."""
        host = check_address(str(url), allowed_hosts=self._allowed)
        headers = headers | {"Host": url.netloc.decode("ascii")}
        with self._http.stream(
            method,
            url.copy_with(host=host),
            content=body,
            headers=headers,
            extensions={"sni_hostname": url.host},
        ) as reply:
            return reply.status_code, replies.read(reply)

    @staticmethod
    def _reply[T](body: bytes, kind: type[T]) -> T:
        try:
            return decode(body, kind)
        except MessageError as error:
            raise GuardUnreachableError(f"Guard's answer is not understood: {error}") from error
