"""Rows as a table: one line per film, the same columns in CSV and Parquet, read back as they were."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, BinaryIO, Self

import pyarrow as pa
from pyarrow import csv, parquet

from xray import NOTICE, __version__
from xray.cohort.labels import Labels, targets, truths
from xray.cohort.row import Row
from xray.models.registry import ModelEntry

FIXED = {
    "file": pa.string(),
    "state": pa.string(),
    "sentence": pa.string(),
    "duplicate_of": pa.string(),
    "pixels_sha256": pa.string(),
    "height": pa.int32(),
    "width": pa.int32(),
    "simulated": pa.bool_(),
    "model_id": pa.string(),
    "most_likely": pa.string(),
    "organ": pa.string(),
    "boxes": pa.int32(),
}
OF_FINDING = {  # of each finding, as "probability: Pneumonia"
    "probability": pa.float32(),
    "logit": pa.float32(),
    "operating point": pa.float32(),
    "at or above": pa.bool_(),
    "answer": pa.string(),
}


def schema(entry: ModelEntry, *, labeled: bool = False) -> pa.Schema:
    """The columns for a model's cohort, with what it is and what it is not for as metadata."""
    columns = dict(FIXED)
    for finding in entry.findings:
        columns |= {f"{name}: {finding}": kind for name, kind in OF_FINDING.items()}
        if labeled:
            columns[f"label: {finding}"] = pa.int8()
    told = {"notice": NOTICE, "version": __version__, "model_id": entry.id, "weights_sha256": entry.sha256}
    return pa.schema(columns.items(), metadata=told)


def table(rows: Sequence[Row], entry: ModelEntry, labels: Labels | None = None) -> pa.Table:
    """One line per row; null where there is no answer or no label."""
    known = targets(truths(labels, (row.file for row in rows)), entry.findings)
    records = []
    for row, happened in zip(rows, known.tolist(), strict=True):
        record = _record(row)
        for finding, value in zip(entry.findings, happened, strict=True):
            record[f"label: {finding}"] = None if value != value else int(value)
        records.append(record)
    return pa.Table.from_pylist(records, schema=schema(entry, labeled=bool(labels)))


def _record(row: Row) -> dict[str, Any]:
    record = {name: getattr(row, name) for name in FIXED if hasattr(row, name)}
    said = row.prediction
    if said is None:
        return record
    record |= {"model_id": said.model_id, "most_likely": said.most_likely}
    for index, finding in enumerate(said.findings):
        record |= {
            f"probability: {finding}": said.probabilities[index],
            f"logit: {finding}": said.logits[index],
            f"operating point: {finding}": said.thresholds[index],
            f"at or above: {finding}": said.at_operating_point(finding),
            f"answer: {finding}": said.answer(finding),
        }
    return record


def write_csv(written: pa.Table, place: BinaryIO) -> None:
    csv.write_csv(written, place)


def write_parquet(written: pa.Table, place: BinaryIO) -> None:
    parquet.write_table(written, place)


class Results:
    """results.csv and results.parquet in a folder, written while the rows come: only a batch is in memory."""

    BATCH = 256

    def __init__(self, out: Path, entry: ModelEntry, labels: Labels | None = None) -> None:
        out.mkdir(parents=True, exist_ok=True)
        self._entry, self._labels, self._waiting = entry, labels, list[Row]()
        columns = schema(entry, labeled=bool(labels))
        with ExitStack() as opened:
            self._csv = opened.enter_context(csv.CSVWriter(str(out / "results.csv"), columns))
            self._parquet = opened.enter_context(parquet.ParquetWriter(out / "results.parquet", columns))
            self._opened = opened.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *problem: object) -> None:
        with self._opened:
            self._flush()

    def add(self, row: Row) -> None:
        self._waiting.append(row)
        if len(self._waiting) >= self.BATCH:
            self._flush()

    def _flush(self) -> None:
        if self._waiting:
            written = table(self._waiting, self._entry, self._labels)
            self._csv.write(written)
            self._parquet.write_table(written)
            self._waiting.clear()


def counts(rows: Iterable[Row]) -> dict[str, int]:
    """How many films were answered, refused, not read, and have the pixels of another."""
    found = dict.fromkeys(("answered", "refused", "not read", "duplicates"), 0)
    for row in rows:
        found[row.state] += 1
        found["duplicates"] += bool(row.duplicate_of)
    return found
