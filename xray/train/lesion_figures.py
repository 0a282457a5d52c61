"""Does a model find a lesion whose place is known? Lesions are inserted into normal films."""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
from tqdm import tqdm

from xray.errors import InvalidRequest, UnusableData
from xray.explain import METHODS, explain
from xray.imaging.lesions import random_lesion
from xray.io.label_lists import NORMAL
from xray.models.classifier import Classifier
from xray.models.ensemble import Ensemble
from xray.models.registry import ModelEntry
from xray.train.bootstrap import estimates, resampled
from xray.train.film import Film
from xray.train.metrics import mean_of
from xray.train.recipes import recipe
from xray.train.release import kept_figures, write_figures
from xray.types import Radiograph

RISE = 1.0  # log-odds
FIGURES = ("rise", "rise of 1 or more", "hit", "hit, middle of the film")


def lesion_figures(
    model: Classifier | Ensemble, films: Sequence[Film], finding: str, kind: str, method: str = "gradcam"
) -> dict[str, Any]:
    """Insert a lesion into every normal film, and measure how the prediction and the heatmap respond.

    Args:
        model: The model.
        films: Films; those labeled normal are used.
        finding: The finding that the lesion should raise.
        kind: Name in imaging.lesions.LESIONS. `disc` is not used in training.
        method: Explanation method.

    Returns:
        By collection of the films: their number and, with 95% intervals over patients, the rise of the
        log-odds, the share of films in which it is at least 1, the share in which the map's highest point
        lies in the lesion, and that of the film's middle.

    Raises:
        InvalidRequest: If the model or the registry of lesions does not have the name.
        UnusableData: If no film is normal.
    """
    if finding not in model.entry.findings:
        raise InvalidRequest(
            f"{model.entry.id} does not report {finding!r}.",
            hint=f"It reports: {', '.join(model.entry.findings)}.",
        )
    collections: dict[str, list[Film]] = defaultdict(list)
    for film in films:
        if film.labels and film.labels <= NORMAL:
            collections[film.source].append(film)
    if not collections:
        raise UnusableData("No film is labeled normal.", hint="Give films with Normal or No Finding.")
    parts = {}
    for collection, normal in collections.items():
        some = tqdm(normal, desc=f"inserting lesions for {model.entry.id}", unit="film")
        columns = np.array([_row(model, film, finding, kind, method) for film in some]).T  # (4, n)
        values = {name: mean_of(column) for name, column in zip(FIGURES, columns, strict=True)}
        metrics = estimates(values, resampled([film.patient for film in normal]))
        parts[collection] = {"n": len(normal), "metrics": metrics}
    return {
        "model": model.entry.id,
        "weights_sha256": model.entry.sha256,
        "finding": finding,
        "lesion": kind,
        "method": method,
        "collections": parts,
    }


def _row(
    model: Classifier | Ensemble, film: Film, finding: str, kind: str, method: str
) -> tuple[float, float, float, float]:
    """The figures in FIGURES of one film."""
    before = film.read()
    height, width = before.pixels.shape
    generator = np.random.default_rng(zlib.crc32(film.path.name.encode()))
    added = random_lesion((height, width), [kind], generator)
    after = Radiograph(added.on(before.pixels), before.name)
    index = model.entry.findings.index(finding)
    low, high = (float(model.log_odds(model.logits(each))[0, index]) for each in (before, after))
    (explanation,) = explain(model, after, METHODS[method], [finding])[1]
    x, y = explanation.peak
    hit = added.region[min(int(y), height - 1), min(int(x), width - 1)]
    return high - low, float(high - low >= RISE), float(hit), float(added.region[height // 2, width // 2])


def keep_figures(entry: ModelEntry, figures: dict[str, Any]) -> None:
    """Add the figures to those beside the weights, and to the card.

    Raises:
        InvalidRequest: If the model has no recipe.
        ModelUnavailable: If it has no figures.
    """
    write_figures(recipe(entry.id), entry, kept_figures(entry.id) | {"lesions": figures})
