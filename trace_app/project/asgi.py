"""The ASGI entry point; uvicorn serves it."""

# Django is set up before what needs it is imported.
# ruff: noqa: E402

import asyncio
import gc
import os
from collections.abc import Mapping
from contextvars import Context
from typing import IO, Any, override

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trace_app.project.settings")
django.setup(set_prefix=False)

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIHandler, ASGIRequest
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from trace_app.project.body_limits import BodyLimits
from trace_app.project.known_callers import KnownCallers
from trace_app.project.static_files import StaticFiles


class InOneThread(ASGIHandler):
    """Hands a request to its thread once, with all middleware and the view.

    Django would hand over each part of each middleware by itself.
    A view that is a coroutine still runs in the event loop.
    """

    @override
    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer in a context, and so in a thread, of the request's own.

        A client may ask for more as soon as it has all of an answer. uvicorn begins that request
        inside the one before, whose context would be handed down, and with it a thread that ends
        too early: whatever connection to the database it held would never be given back
        (https://github.com/Kludex/uvicorn/issues/3158).
        """
        answered = super().__call__(scope, receive, send)
        await asyncio.create_task(answered, context=Context())

    @override
    def load_middleware(self, is_async: bool = False) -> None:
        """Build the chain of functions, not of coroutines."""
        super().load_middleware(is_async=False)

    @override
    def create_request(
        self, scope: Mapping[str, Any], body_file: IO[bytes]
    ) -> tuple[ASGIRequest, None] | tuple[None, HttpResponseBase]:
        """Tell the length of a body that came in chunks: without one, forms and JSON are empty."""
        if not any(name == b"content-length" for name, _ in scope["headers"]):
            size = body_file.seek(0, os.SEEK_END)
            body_file.seek(0)
            told = [(b"content-length", b"%d" % size)] if size else []
            scope = {**scope, "headers": [*scope["headers"], *told]}
        return super().create_request(scope, body_file)

    @override
    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        """Run the chain."""
        return await sync_to_async(self.get_response, thread_sensitive=True)(request)


application = StaticFiles(BodyLimits(KnownCallers(InOneThread())))
# What is loaded by now stays for good: the collector need not look at it again, nor after every
# few hundred of the short-lived objects that a large body makes.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 20)
