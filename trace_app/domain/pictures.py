"""Pictures from strangers: what their first bytes say they are, and how large; never decoded."""

import re
from dataclasses import dataclass
from typing import Final

# Browsers give up on more, and a few bytes of a picture may ask for gigabytes of pixels.
MAX_SIDE: Final = 16_384
# Where the size stands at the latest: a JPEG carries colour profiles and comments before it.
HEAD_BYTES: Final = 256 * 1024
_JPEG_SIZE: Final = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_NOT_A_PICTURE: Final = "not_a_picture"


class PictureError(ValueError):
    """A picture that is none. `code` is for machines, the message says what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Picture:
    """`type` is jpeg, png, gif or webp; the sides are pixels."""

    type: str
    width: int
    height: int


def check_picture(head: bytes) -> Picture:
    """What the first HEAD_BYTES of a file say. Raises PictureError.

    Formats: ITU T.81 annex B, PNG (ISO/IEC 15948) 11.2.2, GIF89a 18, RFC 9649.
    """
    picture = _jpeg(head) or _png(head) or _gif(head) or _webp(head)
    if picture is None:
        raise PictureError(
            _NOT_A_PICTURE, "named as a picture, but it is no JPEG, PNG, GIF or WebP; leave it out"
        )
    if not (1 <= picture.width <= MAX_SIDE and 1 <= picture.height <= MAX_SIDE):
        raise PictureError(
            "picture_too_large",
            f"{picture.width} × {picture.height} pixels; a picture has 1 to {MAX_SIDE} a side",
        )
    return picture


def _jpeg(head: bytes) -> Picture | None:
    if head[:2] != b"\xff\xd8":
        return None
    at = 2
    while at + 9 <= len(head) and head[at] == 0xFF:
        marker = head[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if marker in _JPEG_SIZE:
            height, width = _big(head[at + 5 : at + 7]), _big(head[at + 7 : at + 9])
            return Picture("jpeg", width, height)
        at += 2 + _big(head[at + 2 : at + 4])
    return None


def _png(head: bytes) -> Picture | None:
    if head[:8] != b"\x89PNG\r\n\x1a\n" or head[12:16] != b"IHDR" or len(head) < 24:
        return None
    return Picture("png", _big(head[16:20]), _big(head[20:24]))


def _gif(head: bytes) -> Picture | None:
    if head[:6] not in (b"GIF87a", b"GIF89a") or len(head) < 10:
        return None
    return Picture("gif", _little(head[6:8]), _little(head[8:10]))


def _webp(head: bytes) -> Picture | None:
    if not re.match(rb"RIFF....WEBPVP8[ LX]", head, re.S) or len(head) < 30:
        return None
    if head[12:16] == b"VP8X":
        return Picture("webp", _little(head[24:27]) + 1, _little(head[27:30]) + 1)
    if head[12:16] == b"VP8L":
        bits = _little(head[21:25])
        return Picture("webp", (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    return Picture("webp", _little(head[26:28]) & 0x3FFF, _little(head[28:30]) & 0x3FFF)


def _big(part: bytes) -> int:
    return int.from_bytes(part, "big")


def _little(part: bytes) -> int:
    return int.from_bytes(part, "little")
