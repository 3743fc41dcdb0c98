"""Public shares of a trace under /v1/: owners' sessions make, list and revoke them, no key does."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from trace_app.actions.shares import ShareError, create_share, revoke_share
from trace_app.domain.shares import DEFAULT_DAYS, MOST_DAYS
from trace_app.http import authed, get_trace_or_404
from trace_app.models import TraceShare
from trace_app.permissions import ADMINISTER
from trace_app.queries.shares import shares_of
from trace_app.serializers.traces import ErrorSerializer


class ShareRequestSerializer(serializers.Serializer[Any]):
    """How long the share lasts, and whom it is for."""

    days = serializers.IntegerField(min_value=1, max_value=MOST_DAYS, default=DEFAULT_DAYS)
    label = serializers.CharField(max_length=80, default="", allow_blank=True)  # type: ignore[assignment]


class ShareSerializer(serializers.Serializer[Any]):
    """A share; `url` and `embed_url` hold the secret and are answered once, when it is made."""

    id = serializers.UUIDField()
    label = serializers.CharField()  # type: ignore[assignment]
    state = serializers.CharField()
    created = serializers.DateTimeField()
    expires = serializers.DateTimeField()
    visits = serializers.IntegerField(required=False)
    url = serializers.URLField(required=False)
    embed_url = serializers.URLField(required=False)


class ShareListSerializer(serializers.Serializer[Any]):
    """Every share that was made of a trace, newest first."""

    shares = ShareSerializer(many=True)


@extend_schema(
    methods=["POST"],
    operation_id="share_trace",
    request=ShareRequestSerializer,
    responses={201: ShareSerializer, 400: ErrorSerializer, 409: ErrorSerializer},
)
@extend_schema(methods=["GET"], operation_id="list_shares", responses={200: ShareListSerializer})
@api_view(["GET", "POST"])
def shares(request: Request, ref: str) -> Response:
    """Make a public share, or list those made; two POSTs are two shares."""
    trace = get_trace_or_404(authed(request), ref, ADMINISTER)
    if request.method == "GET":
        found = [{**_json(row), "visits": row.opened} for row in shares_of(trace)]  # type: ignore[attr-defined]
        return Response({"shares": found})
    body = ShareRequestSerializer(data=request.data)
    body.is_valid(raise_exception=True)
    try:
        made = create_share(by=authed(request).user, trace=trace, **body.validated_data)
    except ShareError as error:
        return Response({"error": error.code, "message": error.message}, status=409)
    addresses = {
        "url": settings.TRACE_PUBLIC_URL + reverse("share:trace", args=[made.ref]),
        "embed_url": settings.TRACE_PUBLIC_URL + reverse("embed:trace", args=[made.ref]),
    }
    answer = {**_json(made.row), **addresses}
    return Response(answer, status=201, headers={"Cache-Control": "no-store"})


@extend_schema(
    methods=["DELETE"],
    operation_id="revoke_share",
    request=None,
    responses={204: None, 404: ErrorSerializer},
)
@api_view(["DELETE"])
def share(request: Request, ref: str, key: UUID) -> Response:
    """Close a share's address at once; closing it twice changes nothing."""
    trace = get_trace_or_404(authed(request), ref, ADMINISTER)
    rows = TraceShare.objects.select_related("trace__project__team")
    revoke_share(by=authed(request).user, share=get_object_or_404(rows, pk=key, trace=trace))
    return Response(status=204)


def _json(row: TraceShare) -> dict[str, Any]:
    return {
        "id": str(row.pk),
        "label": row.label,
        "state": row.state,
        "created": row.created,
        "expires": row.expires,
    }
