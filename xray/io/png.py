"""PNG files: only the chunks that concern the picture."""

from __future__ import annotations

import struct

SIGNATURE = b"\x89PNG\r\n\x1a\n"
OF_PICTURE = (b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS")
BESIDE_PICTURE = (b"eXIf", b"pHYs", b"acTL", b"fcTL", b"fdAT")


def reduced(data: bytes, chunks: tuple[bytes, ...] = OF_PICTURE + BESIDE_PICTURE) -> bytes:
    """Return a PNG without text, color profiles and other chunks, whose faults and size do not matter."""
    view, at = memoryview(data), len(SIGNATURE)
    kept = [view[:at]]
    while at + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        if kind in chunks:
            kept.append(view[at : at + 12 + length])
        at += 12 + length
    return data if sum(map(len, kept)) == len(data) else b"".join(kept)
