"""ZIP archives: looked at before anything is read, read entry by entry in memory, never unpacked to disk."""

from __future__ import annotations

import stat
import zipfile
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import PurePosixPath, PureWindowsPath
from typing import BinaryIO

from xray.errors import RefusedArchive, UnreadableImage

MOST_ENTRIES = 20_000
LARGEST_ENTRY = 512 * 2**20  # bytes unpacked; an uncompressed film of 16 bits and 8000 x 8000 px has 122 MiB
LARGEST_ARCHIVE = 64 * 2**30
HIGHEST_RATIO = 100  # unpacked to packed; films reach 20, zeros 1000
SMALL = 2**20  # bytes up to which the ratio of one entry says nothing
SUPPORTED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
OTHER_METHODS = {9: "Deflate64", 93: "Zstandard", 95: "XZ", 98: "PPMd"}  # APPNOTE 4.4.5
DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, RuntimeError, ValueError)

Entry = tuple[str, Callable[[], bytes]]


def is_archive(stream: BinaryIO) -> bool:
    """Whether an open file starts as a ZIP archive does."""
    stream.seek(0)
    return stream.read(4) in (b"PK\x03\x04", b"PK\x05\x06")


def entries(stream: BinaryIO, name: str) -> list[Entry]:
    """The path of every file in an archive, with what reads it. Raises RefusedArchive."""
    try:
        archive = zipfile.ZipFile(stream)
    except DAMAGE as error:
        raise RefusedArchive(
            f"{name} is a ZIP archive that is cut short or damaged.", hint="Copy or download it again."
        ) from error
    listed = archive.infolist()
    if all(one.is_dir() for one in listed):
        raise RefusedArchive(f"{name} contains no files.", hint="Pack the films themselves.")
    _require_modest(listed, name)
    for one in listed:
        _require_harmless(one, name)
    return [
        (one.filename.replace("\\", "/"), partial(_content, archive, one))
        for one in listed
        if not one.is_dir()
    ]


def _require_modest(listed: list[zipfile.ZipInfo], name: str) -> None:
    if len(listed) > MOST_ENTRIES:
        raise RefusedArchive(
            f"{name} holds {len(listed):,} files.", hint=f"Give archives of at most {MOST_ENTRIES:,}."
        )
    unpacked, packed = sum(one.file_size for one in listed), sum(one.compress_size for one in listed)
    if unpacked > LARGEST_ARCHIVE or (unpacked > SMALL and unpacked > HIGHEST_RATIO * packed):
        raise _bomb(name, unpacked, packed)
    for one in listed:
        if one.file_size > SMALL and one.file_size > HIGHEST_RATIO * one.compress_size:
            raise _bomb(f"{name}: {one.filename}", one.file_size, one.compress_size)


def _bomb(what: str, unpacked: int, packed: int) -> RefusedArchive:
    return RefusedArchive(
        f"{what} would grow from {packed / 2**20:,.1f} to {unpacked / 2**20:,.0f} MiB when unpacked.",
        hint="No films pack like that. Pack the films themselves, and nothing else.",
    )


def _require_harmless(one: zipfile.ZipInfo, name: str) -> None:
    path = one.filename.replace("\\", "/")
    outside = PurePosixPath(path).is_absolute() or PureWindowsPath(path).drive or ".." in path.split("/")
    if outside:
        raise RefusedArchive(
            f"{name} names a file outside itself: {one.filename}.", hint="Pack the folder again."
        )
    if stat.S_ISLNK(one.external_attr >> 16):
        raise RefusedArchive(
            f"{name} holds a link: {one.filename}.", hint="Pack the films themselves, not links to them."
        )


def _content(archive: zipfile.ZipFile, one: zipfile.ZipInfo) -> bytes:
    """The bytes of one entry. Raises UnreadableImage."""
    what = PurePosixPath(one.filename.replace("\\", "/")).name
    if one.flag_bits & 0x1:
        raise UnreadableImage(f"{what} is encrypted.", hint="Pack it again without a password.")
    if one.file_size > LARGEST_ENTRY:
        raise UnreadableImage(
            f"{what} has {one.file_size / 2**20:,.0f} MiB unpacked.",
            hint=f"Give films of at most {LARGEST_ENTRY // 2**20} MiB.",
        )
    if one.compress_type not in SUPPORTED:
        method = OTHER_METHODS.get(one.compress_type, f"compression method {one.compress_type}")
        raise UnreadableImage(
            f"{what} is packed with {method}, which is not supported.",
            hint="Pack it again with Deflate, the usual method, or upload the film itself.",
        )
    try:
        return archive.read(one)  # zipfile reads no further than the size it says, and checks its sum
    except DAMAGE as error:
        raise UnreadableImage(
            f"{what} cannot be read from its archive: it is damaged.", hint="Pack it again."
        ) from error
