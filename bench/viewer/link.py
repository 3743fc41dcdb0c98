"""A line of 50 Mbit/s before any server: the same for pages, frames and service workers.

Chromium's own throttling does not reach what a service worker fetches, and Playwright's viewer
fetches its zip in one.
"""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_PIECE: Final = 16 * 1024


class _Line:
    """What all connections through the line share: when it is free again."""

    def __init__(self, bytes_per_second: float) -> None:
        self._rate = bytes_per_second
        self._free_at = 0.0

    async def carry(self, size: int) -> None:
        """Wait for as long as these bytes take, behind those already on the line."""
        now = time.monotonic()
        self._free_at = max(self._free_at, now) + size / self._rate
        if (wait := self._free_at - now) > 0.002:
            await asyncio.sleep(wait)


@contextmanager
def throttled(port: int, megabits: float) -> Iterator[int]:
    """Give a port whose answers come from `port` at this speed, until the block ends."""
    started: list[int] = []
    ready, ended = threading.Event(), asyncio.Event()
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        line = _Line(megabits * 1e6 / 8)
        server = await asyncio.start_server(
            lambda reader, writer: _connect(line, port, reader, writer), "127.0.0.1", 0
        )
        started.append(server.sockets[0].getsockname()[1])
        ready.set()
        async with server:
            await ended.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
    thread.start()
    ready.wait(10)
    yield started[0]
    loop.call_soon_threadsafe(ended.set)


async def _connect(
    line: _Line, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    up_reader, up_writer = await asyncio.open_connection("127.0.0.1", port)
    await asyncio.gather(_pump(reader, up_writer, None), _pump(up_reader, writer, line))


async def _pump(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, line: _Line | None
) -> None:
    try:
        while piece := await reader.read(_PIECE):
            if line is not None:
                await line.carry(len(piece))
            writer.write(piece)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()
