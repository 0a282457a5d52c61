"""Exports of a cohort: its rows as a table in CSV or Parquet, its overlays as a ZIP archive."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Sequence
from typing import Any, BinaryIO

import pyarrow as pa
from pyarrow import csv, parquet

from xray import NOTICE, __version__
from xray.cohort.labels import Labels, truths
from xray.cohort.predictor import OF_ONE_FILM
from xray.cohort.row import Row
from xray.cohort.source import File
from xray.io.csv_cells import safe_table
from xray.io.encode import png
from xray.io.result_files import short_stem
from xray.models.registry import ModelEntry
from xray.render.overlay import Drawing, draw
from xray.train.targets import targets
from xray.types import REGIONS, answer_of

FIXED = {
    "file": pa.string(),
    "state": pa.string(),
    "sentence": pa.string(),
    "notes": pa.string(),
    "duplicate_of": pa.string(),
    "pixels_sha256": pa.string(),
    "height": pa.int32(),
    "width": pa.int32(),
    "simulated": pa.bool_(),
    "familiarity": pa.float32(),
    "model_id": pa.string(),
    "most_likely": pa.string(),
    "called": pa.string(),
    "certainty": pa.string(),
    "statement": pa.string(),
    "organ": pa.string(),
    "boxes": pa.int32(),
    "map_finding": pa.string(),
    "map": pa.string(),
    "map_reason": pa.string(),
}
ZONE = "zone: "  # before the region of a share of the map's evidence
FIXED |= {"zones_of": pa.string()} | {f"{ZONE}{region}": pa.float32() for region in REGIONS}
ATTRIBUTE = "attribute: "  # before the keyword of a DICOM attribute
OF_FINDING = {  # of each finding, as "probability: Pneumonia"
    "probability": pa.float32(),
    "logit": pa.float32(),
    "operating point": pa.float32(),
    "at or above": pa.bool_(),
    "answer": pa.string(),
    "possible": pa.string(),
}


def schema(entry: ModelEntry, attributes: Sequence[str] = (), *, labeled: bool = False) -> pa.Schema:
    """The columns for a model's cohort, with model, version and notice as metadata.

    Args:
        entry: The model.
        attributes: DICOM attributes that were requested.
        labeled: Whether there are columns for labels.
    """
    columns = FIXED | {f"{ATTRIBUTE}{name}": pa.string() for name in attributes}
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


def table(
    rows: Sequence[Row], entry: ModelEntry, labels: Labels | None = None, attributes: Sequence[str] = ()
) -> pa.Table:
    """Build the table; values without a prediction or a label are null."""
    answers = pa.Table.from_pylist([_record(row) for row in rows], schema=schema(entry, attributes))
    return labeled(answers, entry, labels) if labels else answers


def labeled(answers: pa.Table, entry: ModelEntry, labels: Labels) -> pa.Table:
    """Add a label column beside the columns of each finding."""
    known = targets(truths(labels, answers["file"].to_pylist()), entry.findings)
    for finding, happened in zip(entry.findings, known.T, strict=True):
        column = pa.array(happened, from_pandas=True).cast(pa.int8())
        answers = answers.append_column(f"label: {finding}", column)
    named = [name.removeprefix(ATTRIBUTE) for name in answers.column_names if name.startswith(ATTRIBUTE)]
    columns = schema(entry, named, labeled=True)
    return answers.select(columns.names).cast(columns)


def _record(row: Row) -> dict[str, Any]:
    record = {name: getattr(row, name) for name in FIXED if hasattr(row, name)}
    record |= {f"{ATTRIBUTE}{name}": value for name, value in row.attributes.items()}
    record["familiarity"] = row.gate.familiarity if row.gate else None
    prediction = row.prediction
    if prediction is None:
        return record
    answer = answer_of(prediction, row.gate)
    record |= {
        "model_id": prediction.model_id,
        "most_likely": prediction.most_likely,
        "called": "; ".join(answer.called),
        "certainty": answer.certainty,
        "statement": answer.statement,
    }
    if row.map_verdict:
        record |= {"map": row.map_verdict.support, "map_reason": row.map_verdict.reason}
    if row.zones_of and (shares := row.zones(row.zones_of)) is not None:
        record |= {f"{ZONE}{region}": share for region, share in zip(REGIONS, shares.tolist(), strict=True)}
    for index, finding in enumerate(prediction.findings):
        record |= {
            f"probability: {finding}": prediction.probabilities[index],
            f"logit: {finding}": prediction.logits[index],
            f"operating point: {finding}": prediction.thresholds[index],
            f"at or above: {finding}": prediction.at_operating_point(finding),
            f"answer: {finding}": prediction.answer(finding),
            f"possible: {finding}": " or ".join(prediction.possible(finding)),
        }
    return record


def write_csv(written: pa.Table, place: BinaryIO) -> None:
    """Write a table as CSV."""
    csv.write_csv(safe_table(written), place)


def write_parquet(written: pa.Table, place: BinaryIO) -> None:
    """Write a table as Parquet."""
    parquet.write_table(written, place)


def overlay_name(number: int, file: str) -> str:
    """File name of a film's overlay; number is its position in the cohort, from 1."""
    return f"{number:05}-{short_stem(file)}.png"


def overlays_zip(films: Iterable[tuple[int, File, Row]], finding: str) -> bytes:
    """Draw the overlays of one finding at source resolution.

    Args:
        films: Position in the cohort (from 1), file and row of each film. Films that have no prediction or
            no maps, or are no longer readable, are skipped.
        finding: Finding to draw.

    Returns:
        A ZIP file of PNG files.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for number, file, row in films:
            if row.prediction is None or row.raw_maps is None:
                continue
            try:
                case = row.case(file.film())
            except OF_ONE_FILM:
                continue
            picture = png(draw(case, finding, Drawing()), case, finding)
            archive.writestr(overlay_name(number, row.file), picture)
    return buffer.getvalue()


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
