"""Tables that a user gives as CSV or TSV: encoding, delimiter, quotes and columns are recognized."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from xray.errors import UnusableData

SUFFIXES = {".csv", ".tsv"}
SPREADSHEETS = {".xlsx", ".xls", ".ods"}
SPREADSHEET_STARTS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
DELIMITERS = ",;\t|"
NO_DELIMITER = "\x1f"  # for a table of one column, whose values may contain any of DELIMITERS
DECLARED = re.compile(r'\s*"?sep=(.)"?\s*$')  # a first line that names the delimiter, as Excel reads it
COMMENT = re.compile(r'\s*"?(#[#!%\s]|//|#[^,;\t|]*$)')
BYTE_ORDER_MARKS = {  # UTF-32 first, because the mark of UTF-16 is the beginning of one of its marks
    codecs.BOM_UTF32_LE: "utf-32-le",
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
    codecs.BOM_UTF8: "utf-8",
}

INVISIBLE = dict.fromkeys(map(ord, "\0\u200b\u2060\ufeff"))  # NUL, zero-width spaces, byte order marks

Record = tuple[int, list[str]]  # number of the line in the file, from 1, and the cells
Row = Mapping[str, str]


@dataclass(frozen=True)
class Table:
    """A table with a header.

    Attributes:
        name: File name.
        columns: Column names as written, by their `column_key`.
        rows: Cells without surrounding spaces, by column_key; the missing cells of a short row are empty.
    """

    name: str
    columns: Mapping[str, str]
    rows: tuple[Row, ...]

    def column(self, keys: Iterable[str]) -> str | None:
        """The first of several keys that is a column of the table."""
        return next((key for key in keys if key in self.columns), None)


def is_table(name: str) -> bool:
    """Whether a file name is that of a table or of a spreadsheet, which read_table refuses."""
    return PurePosixPath(name).suffix.lower() in SUFFIXES | SPREADSHEETS


def column_key(name: str) -> str:
    """A column name in lower case without spaces and punctuation: `Image Index` equals `image_index`."""
    return re.sub(r"[\W_]+", "", name).casefold()


def read_table(name: str, data: bytes, list_columns: Collection[str] = ()) -> Table:
    """Read a table. Its first line that is neither blank nor a comment (`# ...`, `// ...`) names the columns.

    UTF-8, UTF-16 and UTF-32 are recognized, with or without a byte order mark; any other text is read as
    Windows-1252. The delimiter is a comma, semicolon, tab or vertical bar. NUL, zero-width characters and
    blank lines are ignored; if the quotes do not match, a line with a stray quote is split at its delimiters.

    Args:
        name: File name, for messages.
        data: Contents of the file.
        list_columns: Keys of columns that hold several values. As the last column, they need no quotes around
            a value with delimiters, as in `a.png,Pneumonia, Effusion`; the values are joined by a bar.

    Raises:
        UnusableData: If the file is empty or a spreadsheet, or a row has more cells than there are columns.
    """
    if data.startswith(SPREADSHEET_STARTS):
        raise UnusableData(f"{name} is a spreadsheet, not CSV.", hint="Save it as CSV, and give that file.")
    lines = io.StringIO(_decoded(data).translate(INVISIBLE), newline="").readlines()
    lines = _without_comments(lines)
    first = next((number for number, line in enumerate(lines) if line.strip()), None)
    declared = None if first is None else DECLARED.match(lines[first])
    if first is not None and declared:
        lines[first] = "\n"
    header = next((line for line in lines if line.strip()), "")
    records = _records(lines, declared[1] if declared else _delimiter(header))
    if not records:
        raise UnusableData(f"{name} is empty.", hint="Name the columns in its first line.")
    (_, names), *records = records
    keys = [column_key(written) for written in names]
    while len(keys) > 1 and not keys[-1]:
        keys.pop()
    return Table(
        name,
        {key: written.strip() for key, written in reversed([*zip(keys, names, strict=False)]) if key},
        tuple(_row(name, keys, record, list_columns) for record in records),
    )


def _without_comments(lines: Sequence[str]) -> list[str]:
    """Replace the comments before the names of the columns by blank lines."""
    kept = list(lines)
    for number, line in enumerate(lines):
        if not line.strip():
            continue
        if not COMMENT.match(line):
            break
        kept[number] = "\n"
    return kept


def _decoded(data: bytes) -> str:
    """Decode text by its byte order mark or, without one, by what its bytes are valid for."""
    for mark, encoding in BYTE_ORDER_MARKS.items():
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    head = data[:4096]
    zeros = head[::2].count(0), head[1::2].count(0)
    if max(zeros) > max(len(head) / 8, 4 * min(zeros)):  # every second byte of ASCII text in UTF-16 is zero
        return data.decode("utf-16-be" if zeros[0] > zeros[1] else "utf-16-le", "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _delimiter(header: str) -> str:
    """The delimiter that gives the most column names."""
    columns = {mark: len(_cells(header, mark)) for mark in DELIMITERS}
    best = max(DELIMITERS, key=columns.__getitem__)
    return best if columns[best] > 1 else NO_DELIMITER


def _records(lines: Sequence[str], delimiter: str) -> list[Record]:
    """The records that are not blank. A quoted cell may span lines, unless the quotes do not match."""
    try:
        reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True, strict=True)
        records = [(reader.line_num, cells) for cells in reader]
    except csv.Error:
        records = []
    full = [record for record in records if any(map(str.strip, record[1]))]
    width = len(full[0][1]) if full else 0
    if not full or any(len(cells) < width and any("\n" in cell for cell in cells) for _, cells in full):
        by_line = [(number, _cells(line, delimiter)) for number, line in enumerate(lines, 1)]
        full = [record for record in by_line if any(map(str.strip, record[1]))]
    return full


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter, skipinitialspace=True, strict=True), [])
    except csv.Error:
        return line.replace('"', "").rstrip("\r\n").split(delimiter)


def _row(name: str, keys: Sequence[str], record: Record, list_columns: Collection[str]) -> Row:
    number, cells = record[0], [cell.strip() for cell in record[1]]
    last = len(keys) - 1
    extra = [cell for cell in cells[last + 1 :] if cell]
    if extra and keys[last] not in list_columns:
        raise UnusableData(
            f"Line {number} of {name} has more values than the {len(keys)} columns.",
            hint="Put quotes around a value that contains the delimiter.",
        )
    cells = [*cells[:last], "|".join([*cells[last : last + 1], *extra])]
    cells += [""] * (len(keys) - len(cells))
    return dict(reversed([*zip(keys, cells, strict=True)]))  # of two columns of one name the first counts
