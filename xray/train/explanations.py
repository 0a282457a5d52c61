"""Figures of a model's explanations on many films, and limits of the checks from validation films."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from xray.errors import UnusableData
from xray.evidence import CHECKS, CheckContext, FilmContext, check, check_context
from xray.evidence.context import Box
from xray.evidence.limits import DIFFERENCE, FEWEST, TRUE, by_kind, limits_from, limits_of
from xray.evidence.location import location
from xray.explain import METHODS, Method, explain
from xray.io.box_lists import ListedBox
from xray.io.label_lists import NORMAL
from xray.models.classifier import Classifier
from xray.models.ensemble import Ensemble
from xray.train.bootstrap import estimates, resampled
from xray.train.check_rates import rule_from
from xray.train.film import Film
from xray.train.known_evidence import DEFAULT_FILMS, measured_rows
from xray.train.metrics import mean_of
from xray.types import Radiograph
from xray.wording import counted

Model = Classifier | Ensemble


def fitting(model: Model, names: Sequence[str]) -> list[Method]:
    """Return the methods of these names that fit a model; by default of all methods of one pass."""
    methods = [METHODS[name] for name in names] or [
        method for method in METHODS.values() if method.explains_all
    ]
    return [method for method in methods if not method.refusal(model)]


def limits_on(
    model: Model,
    films: Sequence[Film],
    names: Sequence[str] = (),
    most: int = DEFAULT_FILMS,
    measured: Path | None = None,
) -> dict[str, Any]:
    """Compute limits of the checks and of the verdict from validation films (see evidence.limits).

    Args:
        model: The model to explain.
        films: Validation films; lesions are inserted into the normal ones.
        names: Methods, Grad-CAM first; by default all methods of one pass.
        most: Number of films.
        measured: See known_evidence.measured_rows.

    Raises:
        UnusableData: If the model responds to a lesion on too few films, or no map lies in a lesion.
    """
    rows = measured_rows(model, films, fitting(model, names), most, kept=measured)
    if len(rows) < FEWEST:
        raise UnusableData(
            f"{model.entry.id} responds to an inserted lesion on {counted(len(rows), 'film')} only.",
            hint=f"Limits need {FEWEST} films or more. Give more normal films, or a larger --films.",
        )
    if not by_kind(rows, DIFFERENCE)[TRUE]:
        raise UnusableData(
            f"No map of {model.entry.id} lies in an inserted lesion, so there are no true maps."
        )
    limits = limits_from(rows)
    return {
        "model": model.entry.id,
        "weights_sha256": model.entry.sha256,
        "films": len(rows),
        "limits": limits,
        "verdict": rule_from(rows, limits),
    }


def study(
    model: Model,
    films: Sequence[Film],
    boxes: Mapping[Path, Sequence[ListedBox]],
    names: Sequence[str] = (),
    requested: Iterable[str] = (),
) -> dict[str, Any]:
    """Measure the checks of every method on films, with 95% intervals over patients.

    The figures are the value of each check, its value for maps without meaning and for a centered Gaussian,
    and the share of passed checks among those judged. A film with boxes is explained for each marked
    finding, a film without boxes for its most likely finding.

    Args:
        model: The model to explain.
        films: The films, read one at a time.
        boxes: Boxes by the path of the film (see io.box_lists).
        names: Methods; by default all methods of one pass.
        requested: Checks; by default all.

    Raises:
        UnusableData: No film can be explained.
    """
    rows: dict[str, list[tuple[str, dict[str, dict[str, float]]]]] = defaultdict(list)
    requested = tuple(requested) or tuple(CHECKS)
    if requested == ("location",):
        films = [film for film in films if film.boxes or film.path in boxes]
    for film in tqdm(films, desc=f"explaining {model.entry.id}", unit="film"):
        radiograph = film.read()
        own = [
            ListedBox(label, box, (1, 1))
            for label in (film.labels & film.marked or film.labels) - NORMAL
            for box in film.boxes
        ]
        marked = boxes.get(film.path) or own
        for finding, rectangles in _findings(model, radiograph, marked):
            shared = FilmContext.of(model, radiograph, finding)
            for method in fitting(model, names):
                (explanation,) = explain(model, radiograph, method, [finding])[1]
                limits = limits_of(explanation)
                context = check_context(model, radiograph, explanation, rectangles, limits, shared)
                rows[method.name].append((film.patient, _row(context, requested)))
    if not rows:
        raise UnusableData(f"No film shows a finding of {model.entry.id} that could be explained.")
    return {
        "model": model.entry.id,
        "weights_sha256": model.entry.sha256,
        "films": len(films),
        "n": len(next(iter(rows.values()))),
        "interval": "95%, bootstrap over patients",
        "methods": {name: _figures(measured) for name, measured in rows.items()},
    }


def _findings(
    model: Model, radiograph: Radiograph, marked: Sequence[ListedBox]
) -> list[tuple[str, list[Box]]]:
    if not marked:
        return [(model.predict(radiograph).most_likely, [])]
    boxes: dict[str, list[Box]] = defaultdict(list)
    for box in marked:
        for finding in model.entry.findings:
            if box.shows(finding):
                boxes[finding].append(box.on(radiograph.pixels.shape))
    return list(boxes.items())


def _row(context: CheckContext, requested: Iterable[str]) -> dict[str, dict[str, float]]:
    row = {}
    for name in requested:
        result = check(context, name)
        passed = np.nan if result.verdict == "cannot be judged" else float(result.verdict == "passed")
        row[name] = {
            "value": result.value,
            "random": result.baseline,
            "centered": result.centered,
            "passed": passed,
        }
        if name == "location" and result.details:
            hits = [location(context, candidate).details["hit"] for candidate in context.film.random_maps]
            centered = location(context, context.film.centered_map).details["hit"]
            row[name] |= dict(result.details) | {
                "hit, random": float(np.mean(hits)),
                "hit, centered": centered,
            }
    return row


def _figures(rows: list[tuple[str, dict[str, dict[str, float]]]]) -> dict[str, Any]:
    figures: dict[str, Any] = {}
    for name in rows[0][1]:
        keys = dict.fromkeys(key for _, row in rows for key in row[name])
        figures[name] = {}
        for key in keys:
            known = [
                (patient, row[name][key]) for patient, row in rows if np.isfinite(row[name].get(key, np.nan))
            ]
            if known:
                bootstrap = resampled([patient for patient, _ in known])
                values = np.array([value for _, value in known])
                figures[name][key] = estimates({key: mean_of(values)}, bootstrap)[key] | {"n": len(known)}
    return figures
