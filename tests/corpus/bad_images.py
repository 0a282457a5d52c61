"""Files of images that cannot be read or hold no picture, each made by code."""

from __future__ import annotations

import numpy as np
from PIL import Image

from tests.corpus import colors, film, jpeg_12_bit, png_chunk, ramp, raster
from tests.corpus.bad_files import bad_file


@bad_file("cine.gif", "is a GIF")
def animated_gif() -> bytes:
    return raster(film(), "GIF", save_all=True, append_images=[Image.fromarray(255 - film())])


@bad_file("film.png", "is a PNG of an iPhone app")
def png_of_apple() -> bytes:
    return raster(film(), "PNG").replace(b"\n\0\0\0\rIHDR", b"\n\0\0\0\4CgBI\x50\0\x20\2abcd\0\0\0\rIHDR")


@bad_file("film.png", "is a PNG that was damaged by a transfer as text")
def png_without_carriage_return() -> bytes:
    return raster(film(), "PNG").replace(b"\r\n", b"\n")


@bad_file("film.png", "is a PNG file that is cut short or damaged")
def cut_png() -> bytes:
    return raster(film(), "PNG")[:-300]


@bad_file("film.jpg", "is a JPEG file that is cut short or damaged")
def cut_jpeg() -> bytes:
    return raster(film(), "JPEG")[:-60]


@bad_file("film.bmp", "is a BMP file that is cut short or damaged")
def cut_bmp() -> bytes:
    return raster(film(), "BMP")[:-60]


@bad_file("film.webp", "is a WebP file that is cut short or damaged")
def cut_webp() -> bytes:
    return raster(colors(), "WebP")[:-60]


@bad_file("tiny.png", "only 1 x 1 pixels")
def one_pixel() -> bytes:
    return raster(np.full((1, 1), 9, np.uint8), "PNG")


@bad_file("blank.png", "same brightness everywhere")
def constant_png() -> bytes:
    return raster(np.full((64, 64), 130, np.uint8), "PNG")


@bad_file("film.jpg", "is a hierarchical JPEG, for which there is no decoder")
def hierarchical_jpeg() -> bytes:
    return raster(film(), "JPEG").replace(b"\xff\xc0", b"\xff\xc5", 1)


@bad_file("film.jpg", "is a lossless and arithmetic-coded JPEG, for which there is no decoder")
def lossless_arithmetic_jpeg() -> bytes:
    return raster(film(), "JPEG").replace(b"\xff\xc0", b"\xff\xcb", 1)


@bad_file("film.jpg", "is a JPEG file that is cut short or damaged")
def cut_12_bit_jpeg() -> bytes:
    return jpeg_12_bit(ramp() % 4096)[:-60]


@bad_file("film.png", "is a PNG file that is cut short or damaged")
def png_with_a_damaged_header() -> bytes:
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", bytes(13))
