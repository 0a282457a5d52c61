"""Small files of more than 100 megapixels."""

from __future__ import annotations

import struct

import imagecodecs
from PIL import Image

from tests.corpus import colors, film, png, ramp, raster
from tests.corpus.bad_files import bad_file


@bad_file("bomb.jpg", "more than 100 megapixels")
def jpeg_ls_bomb() -> bytes:
    whole = imagecodecs.jpegls_encode(ramp())
    return whole.replace(struct.pack(">HH", *ramp().shape), struct.pack(">HH", 60_000, 60_000), 1)


@bad_file("bomb.png", "more than 100 megapixels")
def png_bomb() -> bytes:
    return png(60_000, 60_000, 8, 0, bytes(60_001))


@bad_file("bomb.png", "more than 100 megapixels")
def png_just_over_the_limit() -> bytes:
    return png(10_001, 10_000, 1, 0, bytes(1252) * 10_000)


@bad_file("bomb.jpg", "more than 100 megapixels")
def jpeg_bomb() -> bytes:
    size = struct.pack(">HH", *film().shape)
    return raster(film(), "JPEG").replace(size, struct.pack(">HH", 60_000, 60_000), 1)


@bad_file("bomb.tif", "more than 100 megapixels")
def tiff_bomb() -> bytes:
    entries = {256: 60_000, 257: 60_000, 258: 8, 259: 1, 262: 1, 273: 8, 277: 1, 278: 60_000, 279: 60_000}
    directory = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in entries.items())
    return struct.pack("<2sHIH", b"II", 42, 8, len(entries)) + directory + bytes(4)


@bad_file("bomb.bmp", "more than 100 megapixels")
def bmp_bomb() -> bytes:
    whole = bytearray(raster(film(), "BMP"))
    whole[18:26] = struct.pack("<ii", 60_000, 60_000)
    return bytes(whole)


@bad_file("bomb.webp", "more than 100 megapixels")
def webp_bomb() -> bytes:
    whole = bytearray(
        raster(colors(), "WebP", save_all=True, append_images=[Image.fromarray(255 - colors())])
    )
    canvas = whole.index(b"VP8X") + 12
    whole[canvas : canvas + 6] = (10_100 - 1).to_bytes(3, "little") + (10_000 - 1).to_bytes(3, "little")
    return bytes(whole)
