"""Keep the rows of a cohort in the history."""

from __future__ import annotations

from pathlib import PurePosixPath

from xray.cohort.row import Row
from xray.history.keeping import Keeper
from xray.history.record import Picture, Record
from xray.models.registry import ModelEntry


def keep_row(keeper: Keeper, entry: ModelEntry, row: Row) -> None:
    """Keep a row of a cohort, with the verdict on its map, in the history, unless its film was not read."""
    if record := record_of(row, entry):
        keeper.keep(record, row.checked_map, row.map_checks)


def record_of(row: Row, entry: ModelEntry) -> Record | None:
    """The record of a film that was answered or refused; None if it was not read.

    Args:
        row: Result of the film.
        entry: Model of the cohort.
    """
    if row.gate is None:
        return None
    return Record(
        row.pixels_sha256,
        PurePosixPath(row.file).name,
        row.simulated,
        entry.id,
        entry.sha256,
        row.gate,
        row.prediction,
        (lambda: Picture(row.thumbnail)) if row.thumbnail else None,
    )
