"""Detection figures: mean average precision as in Ultralytics, with confidence intervals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torchvision.ops import box_iou
from tqdm import tqdm

from xray.models.classifier import Classifier
from xray.models.detector import chosen, detect
from xray.train.bootstrap import Bootstrap, Estimate, estimates
from xray.train.film import Film
from xray.train.metrics import auroc
from xray.types import Detections, Radiograph

OVERLAPS = np.linspace(0.5, 0.95, 10, dtype=np.float32)
MOST = 300  # boxes per film
ENOUGH = 10  # reference boxes required for figures of a group of films
NAMES = ("map50", "map50_95", "box_precision", "box_recall")


@dataclass(frozen=True, eq=False)
class Matched:
    """Predicted boxes of one film matched to its reference boxes.

    Attributes:
        scores: Confidence of each predicted box (n).
        hits: Whether it matches a reference box at each of OVERLAPS (n, 10).
        marks: Number of reference boxes.
    """

    scores: NDArray[np.float32]
    hits: NDArray[np.bool_]
    marks: int


def match(found: Detections, marks: NDArray[np.floating]) -> Matched:
    """Match predicted boxes to reference boxes (m, 4) in source pixels, as Ultralytics and COCO do.

    In descending order of confidence, each box takes the free reference box that it overlaps most.
    """
    hits = np.zeros((len(found), len(OVERLAPS)), bool)
    overlaps = box_iou(torch.from_numpy(marks).float(), torch.from_numpy(found.xyxy)).numpy()  # (m, n)
    taken, columns = np.zeros((len(marks), len(OVERLAPS)), bool), range(len(OVERLAPS))
    for box, own in enumerate(overlaps.T if len(marks) else ()):
        free = np.where(taken, 0, own[:, None])  # (m, 10)
        best = free.argmax(0)
        hits[box] = free[best, columns] >= OVERLAPS
        taken[best, columns] |= hits[box]
    return Matched(found.confidence, hits, len(marks))


def matches(
    detector: Classifier, films: list[Film], change: Callable[[Radiograph], Radiograph] | None = None
) -> list[Matched]:
    """Detect and match boxes on every film.

    Args:
        detector: The detector.
        films: Labeled films.
        change: Function applied to every film first.

    Raises:
        UnusableData: If a film is missing.
        UnreadableImage: If a film cannot be read.
    """
    found = []
    for film in tqdm(films, desc=f"boxes of {detector.entry.id}", unit="film"):
        radiograph = change(film.read()) if change else film.read()
        height, width = radiograph.pixels.shape
        marks = np.array(film.boxes).reshape(-1, 4) * (width, height, width, height)
        kept = chosen(detect(detector, radiograph), 0.0)
        found.append(match(kept.among(np.arange(min(len(kept), MOST))), marks))
    return found


def box_figures(films: list[Matched], bootstrap: Bootstrap) -> dict[str, dict[str, float]]:
    """Compute the figures in NAMES with confidence intervals.

    Precision and recall are those at the confidence where their harmonic mean is highest on these films.

    Args:
        films: Matched boxes of each film (n).
        bootstrap: Bootstrap over the films.

    Returns:
        `{"value", "low", "high"}` by name.
    """
    from ultralytics.utils.metrics import ap_per_class

    scores = np.concatenate([film.scores for film in films])
    hits = np.concatenate([film.hits for film in films])
    owner = np.repeat(np.arange(len(films)), [len(film.scores) for film in films])
    marks = np.array([film.marks for film in films])

    def figures(row: NDArray[np.floating]) -> tuple[float, ...]:
        times = row[owner].astype(int)
        label = np.zeros(int(marks @ row))
        resample = np.repeat(hits, times, axis=0), np.repeat(scores, times)
        _, _, precision, recall, _, average, *_ = ap_per_class(*resample, np.zeros(len(resample[1])), label)
        if not len(average):
            return (np.nan,) * len(NAMES)
        return float(average[0, 0]), float(average.mean()), float(precision[0]), float(recall[0])

    values = figures(np.ones(len(films)))
    low, high = np.nanquantile([figures(row) for part in bootstrap for row in part], (0.025, 0.975), axis=0)
    return {
        name: asdict(Estimate(value, float(least), float(most)))
        for name, value, least, most in zip(NAMES, values, low, high, strict=True)
    }


def subsets(
    films: list[Film],
    found: list[Matched],
    probabilities: NDArray[np.floating],
    bootstrap: Bootstrap,
) -> dict[str, Any]:
    """Compute figures by body part, and by presence and absence of each tag of the manifest.

    Groups with fewer than ENOUGH reference boxes are left out.

    Args:
        films: The films (n).
        found: Matched boxes of each film (n).
        probabilities: Probability of each film (n).
        bootstrap: Bootstrap over the films.

    Returns:
        `{"n", "marks", "metrics"}` by name of the group.
    """
    groups = {source: [film.source == source for film in films] for source in {film.source for film in films}}
    for tag in {tag for film in films for tag in film.tags}:
        groups[tag] = [tag in film.tags for film in films]
        groups[f"without {tag}"] = [tag not in film.tags for film in films]
    figures_of_groups = {}
    for name, inside in sorted(groups.items()):
        some = [film for film, included in zip(found, inside, strict=True) if included]
        marks = sum(film.marks for film in some)
        if name and marks >= ENOUGH and len(some) < len(found):
            resamples = bootstrap.among(np.array(inside))
            metrics = box_figures(some, resamples)
            labels = np.array([film.marks > 0 for film in some])
            if not labels.all():
                metrics |= estimates({"auroc": auroc(probabilities[inside], labels)}, resamples)
            figures_of_groups[name] = {"n": len(some), "marks": marks, "metrics": metrics}
    return figures_of_groups
