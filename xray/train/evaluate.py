"""Measure a registered model on a folder of labeled films, with the very predictor that answers users."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from xray.errors import UnusableData
from xray.models.classifier import Classifier
from xray.models.registry import ModelEntry
from xray.train.data import Film, read_dataset, targets_of
from xray.train.metrics import RESAMPLES, estimates


@dataclass(frozen=True, eq=False)
class Answers:
    """What a classifier said of n films: logits, probabilities (n, K), and the true finding's index (n)."""

    logits: NDArray[np.float32]
    probabilities: NDArray[np.float32]
    targets: NDArray[np.int64]
    patients: list[str]

    @property
    def happened(self) -> NDArray[np.float64]:
        """Whether each film has the last finding, 0 or 1 (n)."""
        return (self.targets == self.logits.shape[1] - 1).astype(np.float64)


def films_of_split(folder: Path, split: str | None) -> tuple[str, list[Film]]:
    """The films of a split: the one named, else test where there is one, else all. Raises UnusableData."""
    films = read_dataset(folder)
    known = sorted({film.split for film in films})
    chosen = split or ("test" if "test" in known else "all")
    if chosen != "all":
        films = [film for film in films if film.split == chosen]
    if not films:
        raise UnusableData(
            f"{folder.name} has no split {chosen!r}.",
            hint=f"It has: {', '.join(filter(None, known)) or 'none; leave --split out to use all films'}.",
        )
    return chosen, films


def answers(classifier: Classifier, films: list[Film]) -> Answers:
    """One prediction per film, in order. Raises UnusableData for a film without exactly one finding."""
    targets = targets_of(films, classifier.entry.findings)
    predictions = [
        classifier.predict(film.read())
        for film in tqdm(films, desc=f"asking {classifier.entry.id}", unit="film")
    ]
    return Answers(
        logits=np.stack([one.logits for one in predictions]),
        probabilities=np.stack([one.probabilities for one in predictions]),
        targets=targets,
        patients=[film.patient for film in films],
    )


def measure(classifier: Classifier, split: str, films: list[Film]) -> dict[str, Any]:
    """Ask the classifier of every film and give its figures. Raises UnusableData as figures_of does."""
    return figures_of(classifier.entry, split, answers(classifier, films))


def figures_of(entry: ModelEntry, split: str, given: Answers) -> dict[str, Any]:
    """The figures of the last finding: {"model", "split", "n", ..., "metrics": {name: {value, low, high}}}.

    Raises UnusableData for films that are all of one finding.
    """
    n, positives = len(given.targets), int(given.happened.sum())
    threshold = entry.thresholds[-1]
    if not 0 < positives < n:
        raise UnusableData(f"All {n} films have the same label.", hint="Figures need both kinds of film.")
    return {
        "model": entry.id,
        "weights_sha256": entry.sha256,
        "finding": entry.findings[-1],
        "split": split,
        "n": n,
        "patients": len(set(given.patients)),
        "positives": positives,
        "threshold": threshold,
        "interval": f"95%, bootstrap over patients, {RESAMPLES} resamples",
        "metrics": estimates(given.probabilities[:, -1], given.happened, given.patients, threshold),
    }
