"""Cells of CSV files that spreadsheet programs do not run as formulas (OWASP, CSV injection)."""

from __future__ import annotations

from typing import TypeVar

import pyarrow as pa
import pyarrow.compute as pc

STARTS = ("=", "+", "-", "@", "\t", "\r")  # of a formula

Cell = TypeVar("Cell")


def safe_cells(row: list[Cell]) -> list[Cell | str]:
    """Put an apostrophe before every text of a row that would be a formula."""
    return [f"'{cell}" if isinstance(cell, str) and cell.startswith(STARTS) else cell for cell in row]


def safe_table(table: pa.Table) -> pa.Table:
    """Put an apostrophe before every text of a table that would be a formula."""
    for index, field in enumerate(table.schema):
        if pa.types.is_string(field.type):
            safe = pc.replace_substring_regex(table[index], r"^([=+\-@\t\r])", r"'\1")
            table = table.set_column(index, field, safe)
    return table
