"""PostgreSQL's NOTIFY, heard by one connection per process and fanned out to many streams."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from typing import Any, Final

import psycopg
from django.db import connection
from psycopg import sql

logger = logging.getLogger(__name__)
RETRY_SECONDS: Final = 2.0


class Hub:
    """Wakes every listener of a key. A lost connection is made again; listeners keep waiting."""

    def __init__(self, channel: str) -> None:
        self._channel = channel
        self._listeners: dict[str, set[asyncio.Event]] = {}
        self._task: asyncio.Task[None] | None = None

    @contextlib.asynccontextmanager
    async def listening(self, key: str) -> AsyncIterator[asyncio.Event]:
        """An event that is set at each notice with this payload; the reader clears it."""
        heard = asyncio.Event()
        self._listeners.setdefault(key, set()).add(heard)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())
        try:
            yield heard
        finally:
            self._listeners[key].discard(heard)
            if not self._listeners[key]:
                del self._listeners[key]
            if not self._listeners and self._task is not None:
                self._task.cancel()
                self._task = None

    async def _run(self) -> None:
        while True:
            try:
                await self._listen()
            except psycopg.Error as error:
                logger.warning("lost the listening connection: %s", error)
                await asyncio.sleep(RETRY_SECONDS)

    async def _listen(self) -> None:
        async with await psycopg.AsyncConnection.connect(
            autocommit=True, **_parameters()
        ) as connected:
            await connected.execute(sql.SQL("LISTEN {}").format(sql.Identifier(self._channel)))
            # What was said before this moment was not heard: everybody looks once.
            self._wake(*self._listeners)
            async for notice in connected.notifies():
                self._wake(notice.payload)

    def _wake(self, *keys: str) -> None:
        for key in keys:
            for heard in self._listeners.get(key, ()):
                heard.set()


def _parameters() -> dict[str, Any]:
    """Django's own connection parameters, without what only its wrapper understands."""
    settings = connection.settings_dict
    named = {
        "dbname": settings["NAME"],
        "user": settings["USER"],
        "password": settings["PASSWORD"],
        "host": settings["HOST"],
        "port": settings["PORT"],
    }
    return {name: value for name, value in named.items() if value}
