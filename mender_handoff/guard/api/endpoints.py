"""The Guard API (docs/reference/guard-api.md).

Start and read Mender's attempts and checks, and hear of pushes.
"""

import uuid
from collections.abc import Callable
from functools import wraps

import msgspec
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from mender_handoff.domain.messages import (
    MAX_BODY,
    CheckRequest,
    MessageError,
    Push,
    decode,
    decode_attempt_request,
    encode,
)
from mender_handoff.guard.actions import checks, jobs
from mender_handoff.guard.actions.checks import SOURCES, CheckAsked
from mender_handoff.guard.models import GuardCheck, GuardRepository, MenderJob
from mender_handoff.guard.pipeline.connections import git_of
from mender_handoff.guard.queries import repositories
from mender_handoff.guard.queries.views import attempt_view, check_view
from trace_app.clients.git import GitError
from trace_app.queue import enqueue

type Endpoint = Callable[..., HttpResponse]


class ApiError(Exception):
    """An error reply: status, machine code, what to do."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


def api(find: Callable[[str], GuardRepository | None]) -> Callable[[Endpoint], Endpoint]:
    """Bearer token instead of session and CSRF; ApiError as JSON. Hands the repository on."""

    def decorate(view: Endpoint) -> Endpoint:
        @csrf_exempt
        @login_not_required
        @wraps(view)
        def wrapped(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
            try:
                return view(request, _repository(request, find), *args, **kwargs)
            except ApiError as error:
                body = {"error": error.code, "message": error.message}
                return JsonResponse(body, status=error.status)

        return wrapped

    return decorate


def _repository(
    request: HttpRequest, find: Callable[[str], GuardRepository | None]
) -> GuardRepository:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    repository = find(token.strip()) if kind.lower() == "bearer" else None
    if repository is None:
        raise ApiError(401, "unauthorized", "Send the token Guard gave to this project.")
    return repository


def _body(request: HttpRequest) -> bytes:
    if int(request.headers.get("Content-Length") or 0) > MAX_BODY:
        raise ApiError(413, "too_large", "A request may hold 8 MiB.")
    body = request.read(MAX_BODY + 1)
    if len(body) > MAX_BODY:
        raise ApiError(413, "too_large", "A request may hold 8 MiB.")
    return body


def _reply(message: msgspec.Struct, status: int = 200) -> HttpResponse:
    return HttpResponse(encode(message), content_type="application/json", status=status)


@require_POST
@api(repositories.by_api_token)
def create_attempt(request: HttpRequest, repository: GuardRepository) -> HttpResponse:
    """POST /v1/mender/attempts."""
    try:
        asked = decode_attempt_request(_body(request))
    except MessageError as error:
        raise ApiError(400, "bad_request", str(error)) from error
    _same(repository, asked.repository)
    try:
        job, created = jobs.accept(repository=repository, request=asked)
    except jobs.IdempotencyConflictError as error:
        message = "This idempotency key came before with other content."
        raise ApiError(409, "idempotency_conflict", message) from error
    return _reply(attempt_view(job), 202 if created else 200)


@require_GET
@api(repositories.by_api_token)
def attempt(request: HttpRequest, repository: GuardRepository, pk: uuid.UUID) -> HttpResponse:
    """GET /v1/mender/attempts/{id}."""
    job = (
        MenderJob.objects.filter(repository=repository, pk=pk)
        .select_related("repository", "revalidation", "pull_request__repository")
        .first()
    )
    if job is None:
        raise ApiError(404, "not_found", "There is no such attempt.")
    return _reply(attempt_view(job))


@require_POST
@api(repositories.by_api_token)
def create_check(request: HttpRequest, repository: GuardRepository) -> HttpResponse:
    """POST /v1/checks."""
    try:
        asked = decode(_body(request), CheckRequest)
    except MessageError as error:
        raise ApiError(400, "bad_request", str(error)) from error
    _same(repository, asked.repository)
    if asked.source not in SOURCES:
        raise ApiError(400, "bad_request", f"source must be one of {', '.join(SOURCES)}")
    git = git_of(repository)
    try:
        sha = git.resolve(asked.ref)
    except GitError as error:
        raise ApiError(422, "unknown_ref", f"There is no {asked.ref} here.") from error
    check, created = checks.open_check(
        repository=repository,
        asked=CheckAsked(
            branch=asked.ref,
            sha=sha,
            source=asked.source,
            pr_number=asked.pr,
            scenarios=asked.scenarios,
            idempotency_key=asked.idempotency_key,
        ),
    )
    return _reply(check_view(check), 202 if created else 200)


@require_GET
@api(repositories.by_api_token)
def check(request: HttpRequest, repository: GuardRepository, pk: uuid.UUID) -> HttpResponse:
    """GET /v1/checks/{id}."""
    found = GuardCheck.objects.filter(repository=repository, pk=pk).first()
    if found is None:
        raise ApiError(404, "not_found", "There is no such check.")
    return _reply(check_view(found))


@require_POST
@api(repositories.by_push_token)
def push(request: HttpRequest, repository: GuardRepository) -> HttpResponse:
    """POST /v1/push: the bare repository's hook names the branches that were pushed."""
    try:
        branches = decode(_body(request), Push).branches[:100]
    except MessageError as error:
        message = 'Send {"branches": ["main"]}.'
        raise ApiError(400, "bad_request", message) from error
    enqueue("guard.take_notice", repository.slug, *branches)
    return JsonResponse({"accepted": branches}, status=202)


def _same(repository: GuardRepository, name: str) -> None:
    if repository.slug != name:
        raise ApiError(404, "not_found", "This token is of another repository.")
