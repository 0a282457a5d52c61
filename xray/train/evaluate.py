"""Ask a registered model of every film of a folder, with the very predictor that answers users."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from xray.errors import UnusableData
from xray.models.detector import is_detector
from xray.models.predictor import Predictor
from xray.train.data import read_dataset, targets_of
from xray.train.detection_figures import box_figures, matches, subsets
from xray.train.figures import figures_of
from xray.train.film import Film
from xray.train.metrics import estimates, resampled, sensitivity_at
from xray.train.predictions import Answers
from xray.types import Radiograph


def films_of_split(
    folder: Path, split: str | None, test_share: float = 0.0, own_split: bool = False
) -> tuple[str, list[Film]]:
    """The films of a split: the one named, else test where there is one, else all (see read_dataset).

    Raises UnusableData.
    """
    films = read_dataset(folder, test_share, own_split)
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


def answers(
    classifier: Predictor, films: list[Film], change: Callable[[Radiograph], Radiograph] | None = None
) -> Answers:
    """One answer per film, in order. change: what is done to every film first. Raises UnusableData."""
    entry = classifier.entry
    targets = targets_of(films, entry.findings, several=entry.activation == "sigmoid")
    logits = []
    for film in tqdm(films, desc=f"asking {entry.id}", unit="film"):
        radiograph = film.read()
        logits.append(classifier.logits(change(radiograph) if change else radiograph).float().cpu())
    return Answers(
        logits=np.concatenate([one.numpy() for one in logits]),
        probabilities=np.concatenate([classifier.probabilities(one).numpy() for one in logits]),
        targets=targets,
        patients=[film.patient for film in films],
        sources=[film.source for film in films],
    )


def measure(
    classifier: Predictor,
    split: str,
    films: list[Film],
    change: Callable[[Radiograph], Radiograph] | None = None,
) -> dict[str, Any]:
    """The classifier's figures on films. change: what is done to every film first.

    Raises UnusableData for films that are all of one finding.
    """
    given = answers(classifier, films, change)
    figures = figures_of(classifier.entry, split, given)
    if not is_detector(classifier.entry):
        return figures
    said, happened = given.probabilities[:, 0], given.targets[:, 0]
    found, weights = matches(classifier.members[0], films, change), resampled(given.patients)
    ninety = {"sensitivity_at_90_specificity": sensitivity_at(said, happened, 0.9)}
    figures["metrics"] |= estimates(ninety, weights) | box_figures(found, weights)
    figures["subsets"] = subsets(films, found, said, weights)
    return figures
