"""Accepted reports, stored encrypted with everything that is needed to show and export them again."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter
from sqlalchemy import select

from xray.errors import HistoryUnavailable
from xray.geometry import Affine
from xray.history.store import Store
from xray.history.tables import Analysis, SavedReport
from xray.report import Report
from xray.types import (
    Case,
    Check,
    Detections,
    Explanation,
    GateResult,
    Lungs,
    MapFile,
    Prediction,
    Radiograph,
)

FACTS = "facts"  # name of the JSON text among the arrays
ARRAY = "array"  # key of a reference to an array in the JSON text
REPORT = TypeAdapter(Report)

Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True, eq=False)
class AcceptedReport:
    """A report that the user accepted.

    Attributes:
        case: Its Case, with the film.
        report: The report.
        checks: Checks of the map of the finding of the answer, if they were run.
        at: When it was saved; None before.
    """

    case: Case
    report: Report
    checks: tuple[Check, ...] = ()
    at: datetime | None = None


def save_report(
    store: Store, number: int, owner: str, accepted: AcceptedReport, *, with_name: bool = False
) -> int:
    """Save a report with its Case and return its number.

    Args:
        store: The history.
        number: Number of the film in the history.
        owner: Whose film.
        accepted: The report.
        with_name: Whether to save the names of files; otherwise the film is named after its hash.

    Raises:
        HistoryUnavailable: If the owner has no such film, or the database cannot be written.
        ValueError: If the report is not accepted.
    """
    if not accepted.report.accepted:
        raise ValueError("expected an accepted report, got a draft")
    if not with_name:
        film = accepted.case.radiograph
        film = replace(film, name=f"film-{film.sha256[:12]}")
        maps = tuple(map(_without_file_name, accepted.case.explanations))
        accepted = replace(accepted, case=replace(accepted.case, radiograph=film, explanations=maps))
    content = packed(accepted)
    owned = select(Analysis).where(Analysis.id == number, Analysis.owner == owner)
    with store.session(write=True) as session:
        analysis = session.scalar(owned)
        if analysis is None:
            raise HistoryUnavailable("The film of this report is not in the history.", "Open the film again.")
        content = store.key.of_film(analysis.film_key).encrypted(content)
        saved = SavedReport(analysis_id=number, at=datetime.now(UTC), content=content)
        session.add(saved)
        session.flush()
        return saved.id


def open_report(store: Store, owner: str, report_id: int) -> AcceptedReport | None:
    """Read a saved report, or None if the owner has no such report.

    Raises:
        HistoryUnavailable: If it was written with another key or by a newer version.
    """
    row = (
        select(SavedReport.content, SavedReport.at, Analysis.film_key)
        .join(Analysis, Analysis.id == SavedReport.analysis_id)
        .where(SavedReport.id == report_id, Analysis.owner == owner)
    )
    with store.session() as session:
        found = session.execute(row).one_or_none()
    if found is None:
        return None
    content, at, film_key = found
    return replace(unpacked(store.key.of_film(film_key).decrypted(content)), at=at)


def _without_file_name(explanation: Explanation) -> Explanation:
    if explanation.file is None:
        return explanation
    return replace(explanation, layer="file", file=replace(explanation.file, name="map"))


def packed(accepted: AcceptedReport) -> bytes:
    """Write a report as NPZ: the arrays, and all else as JSON; compressed, without loss."""
    arrays: Arrays = {}
    facts = {name: _tree(getattr(accepted, name), arrays) for name in ("case", "checks")}
    facts["report"] = REPORT.dump_python(accepted.report, mode="json")
    arrays[FACTS] = np.frombuffer(json.dumps(facts).encode(), np.uint8)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)  # type: ignore[arg-type]
    return buffer.getvalue()


def unpacked(content: bytes) -> AcceptedReport:
    """Read a report that packed() wrote. Raises HistoryUnavailable if it has another form."""
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            facts = json.loads(arrays[FACTS].tobytes())
            report = REPORT.validate_python(facts.pop("report"))
            plain = _plain(facts, arrays)
        return AcceptedReport(
            _case(plain["case"]), report, tuple(Check(**check) for check in plain["checks"])
        )
    except (KeyError, TypeError, ValueError) as error:
        raise HistoryUnavailable(
            "The report was saved by another version of this program.", hint="Use that version to open it."
        ) from error


def _case(plain: dict[str, Any]) -> Case:
    detections, lungs = plain.pop("detections"), plain.pop("lungs", None)
    return Case(
        radiograph=Radiograph(**plain.pop("radiograph")),
        prediction=Prediction(**plain.pop("prediction")),
        explanations=tuple(
            Explanation(
                **item
                | {
                    "to_source": Affine(**item["to_source"]),
                    "file": MapFile(**item["file"]) if item.get("file") else None,
                }
            )
            for item in plain.pop("explanations")
        ),
        gate=GateResult(**plain.pop("gate")),
        detections=Detections(**detections) if detections else None,
        lungs=Lungs(**lungs) if lungs else None,
        **plain,
    )


def _tree(value: Any, arrays: Arrays) -> Any:
    """Dataclasses as dictionaries; arrays are moved to `arrays`."""
    if isinstance(value, np.ndarray):
        name = f"{len(arrays)}"
        arrays[name] = value
        return {ARRAY: name}
    if isinstance(value, np.generic):
        return value.item()
    if is_dataclass(value):
        return {field.name: _tree(getattr(value, field.name), arrays) for field in fields(value)}
    if isinstance(value, Mapping):
        return {name: _tree(item, arrays) for name, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_tree(item, arrays) for item in value]
    return value


def _plain(tree: Any, arrays: Mapping[str, NDArray[Any]]) -> Any:
    """The inverse of _tree, with tuples for lists."""
    if isinstance(tree, dict):
        if tree.keys() == {ARRAY}:
            return arrays[tree[ARRAY]]
        return {name: _plain(item, arrays) for name, item in tree.items()}
    if isinstance(tree, list):
        return tuple(_plain(item, arrays) for item in tree)
    return tree
