"""The only name server in the sandbox: it knows nobody and reports who was asked for."""

import socket
import threading
from collections.abc import Callable

_NAME_ERROR = 3


class Sink:
    """Answers each DNS question on 127.0.0.1:53 with "no such name" and calls `on_host(host)`."""

    def __init__(self, on_host: Callable[[str], None], *, port: int = 53) -> None:
        """Bind and answer in a background thread. OSError when the port cannot be had."""
        self._on_host = on_host
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", port))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        """Stop answering."""
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                packet, address = self._socket.recvfrom(4096)
            except OSError:
                return
            host, end = _question(packet)
            if not host:
                continue
            # First: whoever is answered goes on, and what it does then comes after this.
            self._on_host(host)
            self._socket.sendto(_refusal(packet, end), address)


def _question(packet: bytes) -> tuple[str, int]:
    """Name asked for and where the question ends; ("", 0) for anything that is not a question."""
    labels: list[str] = []
    position = 12
    while position < len(packet) and packet[position]:
        size = packet[position]
        if size > 63:
            return "", 0
        labels.append(packet[position + 1 : position + 1 + size].decode("ascii", "replace"))
        position += 1 + size
    end = position + 5
    return (".".join(labels).lower(), end) if labels and end <= len(packet) else ("", 0)


def _refusal(packet: bytes, end: int) -> bytes:
    # Response, recursion available, name error; one question, no records.
    flags = (0x8180 | _NAME_ERROR).to_bytes(2)
    return packet[:2] + flags + b"\x00\x01\x00\x00\x00\x00\x00\x00" + packet[12:end]
