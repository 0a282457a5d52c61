"""Slices of a cohort by columns of its lists or by DICOM attributes, and their figures as a table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pyarrow as pa

from xray.cohort.attributes import groups
from xray.cohort.labels import Labels
from xray.cohort.slices import METRICS, Films, Slice, films_of, overall, slices, worst_first
from xray.cohort.table import ATTRIBUTE
from xray.errors import UnusableData
from xray.io.csv_cells import safe_table
from xray.io.label_lists import NORMAL, plain
from xray.train.bootstrap import Estimate


def default_finding(findings: Sequence[str]) -> str:
    """The finding that is shown first; of two exclusive findings, the one that is not normal."""
    return next((finding for finding in findings if plain(finding) not in NORMAL), findings[0])


def sliced(
    results: pa.Table, labels: Labels, finding: str, columns: Iterable[str]
) -> tuple[dict[str, Estimate], list[Slice]]:
    """Compute the figures of all films and of every value of some columns.

    Args:
        results: Table of the cohort (see cohort.table), with the DICOM attributes among the columns.
        labels: Labels and other columns of the lists.
        finding: Finding as the model spells it.
        columns: Columns of the lists, or DICOM attributes of the table.

    Returns:
        The figures of all films, and the slices, the worst first.

    Raises:
        UnusableData: If no film was analyzed, or a column is unknown or cannot be grouped.
    """
    films = films_of(results, finding, labels)
    if not len(films.rows):
        raise UnusableData("No film of the cohort was analyzed.", "Choose other films or another model.")
    found: list[Slice] = []
    for column in dict.fromkeys(columns):
        found += slices(films, groups(column, _values(results, labels, films, column)), column)
    return overall(films), worst_first(found)


def slice_table(everything: dict[str, Estimate], found: Sequence[Slice], films: int) -> pa.Table:
    """Arrange figures as a table, one line per slice, all films first.

    Args:
        everything: Figures of all films.
        found: The slices.
        films: Number of all films.
    """
    lines: list[dict[str, object]] = [{"column": "", "value": "all films", "films": films}]
    lines[0] |= _cells(everything, {})
    lines += [
        {
            "column": part.column,
            "value": part.value,
            "films": len(part.rows),
            "labeled": part.labeled,
            "with finding": part.present,
        }
        | _cells(part.figures, part.p)
        for part in found
    ]
    kinds = {"column": pa.string(), "value": pa.string(), "films": pa.int32(), "labeled": pa.int32()}
    columns = kinds | {"with finding": pa.int32()}
    for name in METRICS:
        columns |= {key: pa.float64() for key in (name, f"{name}: low", f"{name}: high", f"{name}: p")}
    return safe_table(pa.Table.from_pylist(lines, schema=pa.schema(columns.items())))


def _cells(figures: dict[str, Estimate], p: dict[str, float]) -> dict[str, object]:
    cells: dict[str, object] = {f"{name}: p": value for name, value in p.items()}
    for name, figure in figures.items():
        cells |= {name: figure.value, f"{name}: low": figure.low, f"{name}: high": figure.high}
    return cells


def _values(results: pa.Table, labels: Labels, films: Films, column: str) -> list[str]:
    """Value of a column for every film; a column of the lists comes before a DICOM attribute."""
    attribute = f"{ATTRIBUTE}{column}"
    if column in labels.columns:
        names = results["file"].to_pylist()
        return [labels.attribute(names[row], column) for row in films.rows]
    if attribute in results.column_names:
        values = results[attribute].to_pylist()
        return [values[row] or "" for row in films.rows]
    raise UnusableData(
        f"The films have no column {column}.", hint=f"Known: {', '.join(labels.columns) or 'none'}."
    )
