"""Rows on disk during a run, so that an interrupted run can continue."""

from __future__ import annotations

import shutil
import time
import uuid
from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Self

import pyarrow as pa
from pyarrow import parquet

from xray.atomic import write_atomically
from xray.cohort.labels import Labels
from xray.cohort.predictor import Predictor
from xray.cohort.row import Row
from xray.cohort.source import File
from xray.cohort.table import labeled, schema, table, write_csv, write_parquet
from xray.errors import ResultsInTheWay, UnusableData
from xray.models.registry import ModelEntry

SECONDS = 5.0  # between two parts: a killed run loses at most this


class Parts:
    """The files OUT/parts/*.parquet, each written atomically, until finish() combines them into one table.

    As a context manager it writes the pending rows on exit.

    Args:
        out: Folder of the results.
        entry: Model of the cohort.
        predictor: Predictor whose request identifies the run.

    Raises:
        ResultsInTheWay: If the folder contains parts of another model or request.
    """

    def __init__(self, out: Path, entry: ModelEntry, predictor: Predictor) -> None:
        self._out, self._folder, self._entry = out, out / "parts", entry
        self._attributes = predictor.attributes
        self._metadata = schema(entry).metadata | {b"request": repr(predictor).encode()}
        self._waiting: list[Row] = []
        self._written = 0.0
        self._folder.mkdir(parents=True, exist_ok=True)
        for part in self._parts():
            if parquet.read_schema(part).metadata != self._metadata:
                raise ResultsInTheWay(
                    f"{out} contains partial results of another model or other options.",
                    hint=f"Repeat the earlier command, choose another folder, or delete {self._folder}.",
                )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *problem: object) -> None:
        self._write()

    def left(self, files: Sequence[File]) -> list[int]:
        """Indices of the files that have no row yet.

        Raises:
            UnusableData: If there are no files.
        """
        if not files:
            raise UnusableData(
                "There are no films to analyze.", hint="Choose a folder or ZIP with radiographs."
            )
        done = Counter[str]()
        for part in self._parts():
            done.update(parquet.read_table(part, columns=["file"])["file"].to_pylist())
        left = []
        for place, file in enumerate(files):
            if done[file.name]:
                done[file.name] -= 1
            else:
                left.append(place)
        return left

    def add(self, row: Row) -> None:
        """Add a row; pending rows are written every SECONDS."""
        self._waiting.append(row)
        if time.monotonic() > self._written + SECONDS:
            self._write()

    def finish(self, files: Sequence[File], labels: Labels | None = None) -> pa.Table:
        """Write results.csv and results.parquet in the order of the files, and delete the parts."""
        self._write()
        rows = pa.concat_tables([parquet.read_table(part) for part in self._parts()] or [self._table()])
        places: defaultdict[str, deque[int]] = defaultdict(deque)
        for place, name in enumerate(rows["file"].to_pylist()):
            places[name].append(place)
        rows = rows.take([places[file.name].popleft() for file in files])
        rows = _duplicates_named(rows).replace_schema_metadata(schema(self._entry).metadata)
        if labels:
            rows = labeled(rows, self._entry, labels)
        write_atomically(self._out / "results.csv", lambda file: write_csv(rows, file))
        write_atomically(self._out / "results.parquet", lambda file: write_parquet(rows, file))
        shutil.rmtree(self._folder)
        return rows

    def _parts(self) -> Iterator[Path]:
        return self._folder.glob("*.parquet")

    def _table(self) -> pa.Table:
        rows = table(self._waiting, self._entry, attributes=self._attributes)
        return rows.replace_schema_metadata(self._metadata)

    def _write(self) -> None:
        if self._waiting:
            rows = self._table()
            write_atomically(
                self._folder / f"{uuid.uuid4().hex}.parquet", lambda file: write_parquet(rows, file)
            )
            self._waiting.clear()
            self._written = time.monotonic()


def _duplicates_named(rows: pa.Table) -> pa.Table:
    """Set duplicate_of of every film to the first film with the same pixels."""
    first: dict[str, str] = {}
    names = [
        (seen if (seen := first.setdefault(pixels, file)) != file else "") if pixels else ""
        for file, pixels in zip(rows["file"].to_pylist(), rows["pixels_sha256"].to_pylist(), strict=True)
    ]
    place = rows.schema.get_field_index("duplicate_of")
    return rows.set_column(place, rows.schema.field(place), pa.array(names, pa.string()))
