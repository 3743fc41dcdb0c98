"""POST /v1/webhooks/guard: check the signature, store, answer 202. Processing comes after."""

import time
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from mender_handoff.actions.deliveries import store
from mender_handoff.domain import webhook_signature
from mender_handoff.domain.messages import (
    MAX_BODY,
    MessageError,
    UnknownTypeError,
    Webhook,
    convert,
)
from mender_handoff.domain.webhook_signature import SignatureError
from mender_handoff.pipeline.deliveries import KINDS, check_message
from trace_app.actions.projects import WEBHOOK_SECRET
from trace_app.api.openapi import described, json_response
from trace_app.domain.events import without_nul
from trace_app.domain.strict_json import JsonError, read_json
from trace_app.models import Project
from trace_app.serializers.typed import shape
from trace_app.storage import secrets as vault

STORED = {
    "type": "object",
    "required": ["stored"],
    "properties": {"stored": {"type": "string"}},
}
_MESSAGES = [
    {
        "type": "object",
        "required": ["type", "timestamp", "data"],
        "properties": {
            "type": {"const": name},
            "timestamp": {"type": "string"},
            "data": shape(kind),
        },
    }
    for name, kind in KINDS.items()
]
_BAD_REQUEST = ("signature_missing", "timestamp_invalid")


def _error(status: int, code: str, message: str) -> JsonResponse:
    return JsonResponse({"error": code, "message": message}, status=status)


@described(
    "post",
    "/v1/webhooks/guard",
    {
        "operationId": "guard_webhook",
        "description": "A signed message of Guard: docs/reference/guard-api.md",
        "parameters": [
            {"name": "project", "in": "query", "required": True, "schema": {"type": "string"}},
            *(
                {"name": name, "in": "header", "required": True, "schema": {"type": "string"}}
                for name in ("webhook-id", "webhook-timestamp", "webhook-signature")
            ),
        ],
        "security": [],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"oneOf": _MESSAGES}}},
        },
        "responses": {
            "200": json_response("Seen before", STORED),
            "202": json_response("Stored; processed after", STORED),
        },
        "tags": ["webhooks"],
    },
)
@csrf_exempt
@login_not_required
@require_POST
def guard(request: HttpRequest) -> JsonResponse:
    """Take a signed message of Guard; docs/reference/guard-api.md."""
    body = request.read(MAX_BODY + 1)
    if len(body) > MAX_BODY:
        return _error(413, "too_large", "A message may hold 8 MiB.")
    project = Project.objects.filter(slug=request.GET.get("project", "")).first()
    try:
        message_id = _verified(request, project, body)
    except SignatureError as error:
        status = 400 if error.code in _BAD_REQUEST else 401
        return _error(status, error.code, error.message)
    if project is None:
        return _error(401, "signature_invalid", "No project of this name takes messages.")
    try:
        # Recorded text may hold NUL, which no row may; a refusal would come again for ever.
        plain = without_nul(read_json(body))
        message = convert(plain, Webhook)
    except (JsonError, MessageError) as error:
        return _error(400, "bad_json", str(error))
    try:
        check_message(message.type, message.data)
    except UnknownTypeError as error:
        return _error(422, "unknown_type", str(error))
    except MessageError as error:
        return _error(422, "bad_message", str(error))
    return _store(project, message_id, message.type, plain)


def _verified(request: HttpRequest, project: Project | None, body: bytes) -> str:
    given = {name.lower(): value for name, value in request.headers.items()}
    # Without a project the same work is done with no secret: both cases answer alike.
    secret = vault.decrypt(project.webhook_secret, purpose=WEBHOOK_SECRET) if project else ""
    secrets = [secret] if secret else []
    return webhook_signature.verify(secrets, given, body, now=time.time())


def _store(project: Project, message_id: str, kind: str, body: dict[str, Any]) -> JsonResponse:
    if len(message_id) > 120:
        return _error(422, "bad_message", "webhook-id may have 120 characters.")
    new = store(project=project, sender="guard", delivery_id=message_id, event=kind, body=body)
    return JsonResponse({"stored": message_id}, status=202 if new else 200)
