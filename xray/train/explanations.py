"""Figures of a model's explanations over many films, and the limits of the checks from validation films."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from xray.errors import UnusableData
from xray.evidence import CHECKS, CheckContext, FilmContext, check, check_context
from xray.evidence.context import Box
from xray.evidence.limits import limits_from, limits_of, null_values
from xray.evidence.location import location
from xray.explain import METHODS, Method, explain
from xray.models.classifier import Classifier
from xray.models.ensemble import Ensemble
from xray.train.film import Film
from xray.train.metrics import estimates, mean_of, resampled
from xray.types import Radiograph

Model = Classifier | Ensemble
PUBLISHED = (  # on other films than these, by other models: for orientation
    {"what": "hit rate, CheXlocalize, CNN (arXiv:2109.15182)", "value": 0.60},
    {"what": "hit rate, CheXlocalize, radiologists (arXiv:2109.15182)", "value": 0.80},
)


def fitting(model: Model, names: Sequence[str]) -> list[Method]:
    """The methods of these names that fit a model; by default all that take one pass."""
    some = [METHODS[name] for name in names] or [one for one in METHODS.values() if one.explains_all]
    return [one for one in some if not one.refusal(model)]


def limits_on(model: Model, films: Sequence[Film], names: Sequence[str] = ()) -> dict[str, Any]:
    """Limits of some methods (see evidence.limits), from validation films.

    Every film is explained for its most likely finding. The checks of a film measure the map of the film
    before it.
    """
    values: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    before: dict[str, CheckContext] = {}
    for film in tqdm(films, desc=f"limits of {model.entry.id}", unit="film"):
        radiograph = film.read()
        finding = model.predict(radiograph).most_likely
        shared = FilmContext.of(model, radiograph, finding)
        for method in fitting(model, names):
            (explanation,) = explain(model, radiograph, method, [finding])[1]
            context = check_context(model, radiograph, explanation, film=shared)
            if method.name in before:
                for name, value in null_values(context, before[method.name]).items():
                    values[method.name][name].append(value)
            before[method.name] = context
    return {
        "model": model.entry.id,
        "weights_sha256": model.entry.sha256,
        "films": len(films),
        "limits": {name: limits_from(measured) for name, measured in values.items()},
    }


def study(
    model: Model,
    films: Sequence[Film],
    boxes: dict[str, list[tuple[str, Box]]],
    names: Sequence[str] = (),
    requested: Iterable[str] = (),
) -> dict[str, Any]:
    """The figures of every method over films, with 95% intervals over patients.

    They are each check's value, its value for random maps and for a centered Gaussian, and the share passed
    of those judged. A film with boxes is explained for each finding marked on it, a film without boxes for
    its most likely finding.

    Args:
        model: The model to explain.
        films: The films, read one at a time.
        boxes: By the stem of a film's file name, its findings and boxes, as shares of the film.
        names: Methods; by default all that explain every finding in one pass.
        requested: Checks; by default all.

    Raises:
        UnusableData: No film can be explained.
    """
    rows: dict[str, list[tuple[str, dict[str, dict[str, float]]]]] = defaultdict(list)
    requested = tuple(requested) or tuple(CHECKS)
    if requested == ("location",):
        films = [film for film in films if film.boxes or film.path.stem in boxes]
    for film in tqdm(films, desc=f"explaining {model.entry.id}", unit="film"):
        radiograph = film.read()
        marked = boxes.get(film.path.stem) or [(model.entry.findings[0], box) for box in film.boxes]
        for finding, places in _findings(model, radiograph, marked):
            shared = FilmContext.of(model, radiograph, finding)
            for method in fitting(model, names):
                limits = limits_of(model.entry, method.name)
                (explanation,) = explain(model, radiograph, method, [finding])[1]
                context = check_context(model, radiograph, explanation, places, limits, shared)
                rows[method.name].append((film.patient, _row(context, requested)))
    if not rows:
        raise UnusableData(f"No film shows a finding of {model.entry.id} that could be explained.")
    return {
        "model": model.entry.id,
        "weights_sha256": model.entry.sha256,
        "films": len(films),
        "n": len(next(iter(rows.values()))),
        "interval": "95%, bootstrap over patients",
        "methods": {name: _figures(some) for name, some in rows.items()},
        "published": list(PUBLISHED),
    }


def listed_boxes(path: Path) -> dict[str, list[tuple[str, Box]]]:
    """Finding and box, as shares of the film, by the stem of its file name.

    The list has the columns image, label, x, y, w, h, width and height. Raises UnusableData.
    """
    found: dict[str, list[tuple[str, Box]]] = defaultdict(list)
    try:
        with path.open(newline="", encoding="utf-8") as lines:
            for row in csv.DictReader(lines):
                x, y, w, h, width, height = (
                    float(row[name]) for name in ("x", "y", "w", "h", "width", "height")
                )
                box = x / width, y / height, (x + w) / width, (y + h) / height
                found[Path(row["image"]).stem].append((row["label"], box))
    except (OSError, KeyError, ValueError, TypeError, ZeroDivisionError, UnicodeDecodeError) as error:
        raise UnusableData(
            f"{path.name} is not a list of boxes.", hint="It needs image, label, x, y, w, h, width, height."
        ) from error
    return dict(found)


def _findings(
    model: Model, radiograph: Radiograph, marked: list[tuple[str, Box]]
) -> list[tuple[str, list[Box]]]:
    if not marked:
        return [(model.predict(radiograph).most_likely, [])]
    height, width = radiograph.pixels.shape
    places: dict[str, list[Box]] = defaultdict(list)
    for label, (left, top, right, bottom) in marked:
        for finding in model.entry.findings:
            if finding.casefold().startswith(label.casefold()[:8]):
                places[finding].append((left * width, top * height, right * width, bottom * height))
    return list(places.items())


def _row(context: CheckContext, requested: Iterable[str]) -> dict[str, dict[str, float]]:
    row = {}
    for name in requested:
        done = check(context, name)
        passed = np.nan if done.verdict == "cannot be judged" else float(done.verdict == "passed")
        row[name] = {
            "value": done.value,
            "random": done.baseline,
            "centered": done.centered,
            "passed": passed,
        }
        if name == "location" and done.details:
            hits = [location(context, candidate).details["hit"] for candidate in context.film.random_maps]
            centered = location(context, context.film.centered_map).details["hit"]
            row[name] |= dict(done.details) | {"hit, random": float(np.mean(hits)), "hit, centered": centered}
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
                weights = resampled([patient for patient, _ in known])
                values = np.array([value for _, value in known])
                figures[name][key] = estimates({key: mean_of(values)}, weights)[key] | {"n": len(known)}
    return figures
