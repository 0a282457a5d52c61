"""Rows as a table with one line per film and the same columns in CSV and Parquet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, BinaryIO

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
    """The columns for a model's cohort, with model, version and notice as metadata."""
    columns = dict(FIXED)
    for finding in entry.findings:
        columns |= {f"{name}: {finding}": kind for name, kind in OF_FINDING.items()}
        if labeled:
            columns[f"label: {finding}"] = pa.int8()
    metadata = {
        "notice": NOTICE,
        "version": __version__,
        "model_id": entry.id,
        "weights_sha256": entry.sha256,
    }
    return pa.schema(columns.items(), metadata=metadata)


def table(rows: Sequence[Row], entry: ModelEntry, labels: Labels | None = None) -> pa.Table:
    """Build the table; values without a prediction or a label are null."""
    answers = pa.Table.from_pylist([_record(row) for row in rows], schema=schema(entry))
    return labeled(answers, entry, labels) if labels else answers


def labeled(answers: pa.Table, entry: ModelEntry, labels: Labels) -> pa.Table:
    """Add a label column beside the columns of each finding."""
    known = targets(truths(labels, answers["file"].to_pylist()), entry.findings)
    for finding, happened in zip(entry.findings, known.T, strict=True):
        column = pa.array(happened, from_pandas=True).cast(pa.int8())
        answers = answers.append_column(f"label: {finding}", column)
    columns = schema(entry, labeled=True)
    return answers.select(columns.names).cast(columns)


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
    """Write a table as CSV."""
    csv.write_csv(written, place)


def write_parquet(written: pa.Table, place: BinaryIO) -> None:
    """Write a table as Parquet."""
    parquet.write_table(written, place)


def counts(states: Iterable[tuple[str, str]]) -> dict[str, int]:
    """Count the films that were answered, refused or not read, and the duplicates.

    Args:
        states: State and duplicate_of of each row.
    """
    found = dict.fromkeys(("answered", "refused", "not read", "duplicates"), 0)
    for state, duplicate_of in states:
        found[state] += 1
        found["duplicates"] += bool(duplicate_of)
    return found
