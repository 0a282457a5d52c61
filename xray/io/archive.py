"""ZIP archives: checked before they are read, and decompressed in memory entry by entry, never to disk."""

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
SMALL = 2**20  # bytes up to which the ratio of an entry does not matter
SUPPORTED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
OTHER_METHODS = {9: "Deflate64", 93: "Zstandard", 95: "XZ", 98: "PPMd"}  # APPNOTE 4.4.5
DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, RuntimeError, ValueError)

Entry = tuple[str, Callable[[], bytes]]


def is_archive(stream: BinaryIO) -> bool:
    """Whether an open file starts as a ZIP archive does."""
    stream.seek(0)
    return stream.read(4) in (b"PK\x03\x04", b"PK\x05\x06")


def entries(stream: BinaryIO, name: str) -> list[Entry]:
    """List the path of every file in an archive and a function that reads it. Raises RefusedArchive."""
    try:
        archive = zipfile.ZipFile(stream)
    except DAMAGE as error:
        raise RefusedArchive(
            f"{name} is a ZIP archive that is cut short or damaged.", hint="Copy or download it again."
        ) from error
    listed = archive.infolist()
    if all(entry.is_dir() for entry in listed):
        raise RefusedArchive(f"{name} contains no files.", hint="Pack the films themselves.")
    _require_moderate_size(listed, name)
    for entry in listed:
        _require_inside(entry, name)
    return [
        (entry.filename.replace("\\", "/"), partial(_content, archive, entry))
        for entry in listed
        if not entry.is_dir()
    ]


def _require_moderate_size(listed: list[zipfile.ZipInfo], name: str) -> None:
    if len(listed) > MOST_ENTRIES:
        raise RefusedArchive(
            f"{name} contains {len(listed):,} files.",
            hint=f"Split it into archives of at most {MOST_ENTRIES:,}.",
        )
    unpacked, packed = sum(entry.file_size for entry in listed), sum(entry.compress_size for entry in listed)
    if unpacked > LARGEST_ARCHIVE or (unpacked > SMALL and unpacked > HIGHEST_RATIO * packed):
        raise _oversized(name, unpacked, packed)
    for entry in listed:
        if entry.file_size > SMALL and entry.file_size > HIGHEST_RATIO * entry.compress_size:
            raise _oversized(f"{name}: {entry.filename}", entry.file_size, entry.compress_size)


def _oversized(what: str, unpacked: int, packed: int) -> RefusedArchive:
    return RefusedArchive(
        f"{what} would grow from {packed / 2**20:,.1f} to {unpacked / 2**20:,.0f} MiB when unpacked.",
        hint="Films do not compress this much. Pack only the films.",
    )


def _require_inside(entry: zipfile.ZipInfo, name: str) -> None:
    path = entry.filename.replace("\\", "/")
    outside = PurePosixPath(path).is_absolute() or PureWindowsPath(path).drive or ".." in path.split("/")
    if outside:
        raise RefusedArchive(
            f"{name} names a file outside itself: {entry.filename}.", hint="Pack the folder again."
        )
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise RefusedArchive(
            f"{name} contains a link: {entry.filename}.", hint="Pack the films themselves, not links to them."
        )


def _content(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """The bytes of one entry. Raises UnreadableImage."""
    what = PurePosixPath(entry.filename.replace("\\", "/")).name
    if entry.flag_bits & 0x1:
        raise UnreadableImage(f"{what} is encrypted.", hint="Pack it again without a password.")
    if entry.file_size > LARGEST_ENTRY:
        raise UnreadableImage(
            f"{what} has {entry.file_size / 2**20:,.0f} MiB unpacked.",
            hint=f"Use films of at most {LARGEST_ENTRY // 2**20} MiB.",
        )
    if entry.compress_type not in SUPPORTED:
        method = OTHER_METHODS.get(entry.compress_type, f"compression method {entry.compress_type}")
        raise UnreadableImage(
            f"{what} is packed with {method}, which is not supported.",
            hint="Pack it again with Deflate, the usual method, or upload the film itself.",
        )
    try:
        return archive.read(entry)  # zipfile reads at most the declared size and checks the CRC
    except DAMAGE as error:
        raise UnreadableImage(
            f"{what} cannot be read from its archive: it is damaged.", hint="Pack it again."
        ) from error
