"""The history as a table: one row per film, model and finding, in CSV or Parquet, written in batches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

import pyarrow as pa
from pyarrow import csv, parquet
from sqlalchemy import select

from xray import NOTICE, __version__
from xray.history.filters import Filter, conditions
from xray.history.store import Store
from xray.history.tables import Analysis, Answer, Series
from xray.io.csv_cells import safe_table

BATCH = 10_000
COLUMNS = pa.schema(
    {
        "at": pa.timestamp("ms", tz="UTC"),
        "pixels_sha256": pa.string(),
        "file": pa.string(),
        "model_id": pa.string(),
        "weights_sha256": pa.string(),
        "simulated": pa.bool_(),
        "finding": pa.string(),
        "probability": pa.float32(),
        "operating_point": pa.float32(),
        "at_or_above": pa.bool_(),
        "answer": pa.string(),
        "gate": pa.string(),
        "gate_reason": pa.string(),
        "evidence": pa.string(),
        "agrees": pa.bool_(),
        "comment": pa.string(),
    }.items(),
    metadata={"notice": NOTICE, "version": __version__},
)


def batches(store: Store, owner: str, wanted: Filter) -> Iterator[pa.RecordBatch]:
    """Rows of all films that match a filter, oldest first, with decrypted comments.

    A film that the input gate refused has one row, without a finding.

    Raises:
        HistoryUnavailable: If the database cannot be read.
    """
    rows = (
        select(
            Analysis.at,
            Analysis.pixels_sha256,
            Analysis.file_name,
            Analysis.model_id,
            Analysis.weights_sha256,
            Analysis.simulated,
            Series.finding,
            Answer.probability,
            Answer.operating_point,
            Answer.reached,
            Answer.answer,
            Analysis.gate_kind,
            Analysis.gate_reason,
            Analysis.evidence,
            Analysis.agrees,
            Analysis.comment,
            Analysis.film_key,
        )
        .outerjoin(Answer, Answer.analysis_id == Analysis.id)
        .outerjoin(Series, Series.id == Answer.series_id)
        .where(*conditions(owner, wanted))
        .order_by(Analysis.at, Analysis.id, Series.id)
        .execution_options(yield_per=BATCH)
    )
    with store.session() as session:
        for batch in session.execute(rows).partitions():
            columns: list[list[Any]] = [list(column) for column in zip(*batch, strict=True)]
            film_keys, comments = columns.pop(), columns.pop()
            columns.append(
                [
                    store.key.of_film(film_key).decrypted(comment).decode() if comment else None
                    for film_key, comment in zip(film_keys, comments, strict=True)
                ]
            )
            yield pa.record_batch(columns, schema=COLUMNS)


def write_csv(store: Store, owner: str, wanted: Filter, file: BinaryIO) -> None:
    """Write the films that match a filter as CSV."""
    with csv.CSVWriter(file, COLUMNS) as writer:
        for batch in batches(store, owner, wanted):
            writer.write(safe_table(pa.Table.from_batches([batch])))


def write_parquet(store: Store, owner: str, wanted: Filter, file: BinaryIO) -> None:
    """Write the films that match a filter as Parquet."""
    with parquet.ParquetWriter(file, COLUMNS) as writer:
        for batch in batches(store, owner, wanted):
            writer.write_batch(batch)
