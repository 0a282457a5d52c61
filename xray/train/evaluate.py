"""Evaluate a registered model on labeled films, with the predictor that the application uses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from xray.errors import UnusableData
from xray.models.detector import is_detector
from xray.models.predictor import Predictor
from xray.models.registry import ModelEntry
from xray.train.bootstrap import estimates, resampled
from xray.train.data import read_dataset, targets_of
from xray.train.dataset import own_films
from xray.train.detection_figures import box_figures, matches, subsets
from xray.train.figures import LabeledPredictions, figures_of
from xray.train.film import Film
from xray.train.metrics import sensitivity_at
from xray.types import Radiograph


def films_of_split(
    folder: Path, split: str | None, test_share: float = 0.0, own_split: bool = False
) -> tuple[str, list[Film]]:
    """Read the films of a split: the requested one, otherwise `test` if there is one, otherwise all.

    See data.read_dataset for the arguments.

    Raises:
        UnusableData: If there is no such split.
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


def films_to_measure(entry: ModelEntry, data: Path | None, split: str | None) -> tuple[str, list[Film]]:
    """Read the films that a model is measured on: a split's name and its films.

    Args:
        entry: Registry entry of the model.
        data: Folder of films; None for the data of the model's recipe.
        split: The split; by default as in films_of_split, and `test` for the recipe's data.

    Raises:
        InvalidRequest: If the model has no recipe and there is no folder.
        UnusableData: If there is no such split.
    """
    if data is None:
        return own_films(entry.id, split or "test")
    return films_of_split(data, split, entry.test_share, entry.own_split)


def predictions_of(
    classifier: Predictor, films: list[Film], change: Callable[[Radiograph], Radiograph] | None = None
) -> LabeledPredictions:
    """Predict every film.

    Args:
        classifier: The model.
        films: Labeled films.
        change: Function applied to every film first.

    Raises:
        UnusableData: If labels do not fit the findings of the model.
    """
    entry = classifier.entry
    targets = targets_of(films, entry.findings, several=entry.activation == "sigmoid")
    logits = []
    for film in tqdm(films, desc=f"predicting with {entry.id}", unit="film"):
        radiograph = film.read()
        logits.append(classifier.logits(change(radiograph) if change else radiograph).float().cpu())
    return LabeledPredictions(
        logits=np.concatenate([values.numpy() for values in logits]),
        probabilities=np.concatenate([classifier.probabilities(values).numpy() for values in logits]),
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
    """Compute the figures of a model on films (see figures_of).

    Args:
        classifier: The model.
        split: Name of the split.
        films: Labeled films.
        change: Function applied to every film first.

    Raises:
        UnusableData: If all films have the same label.
    """
    predictions = predictions_of(classifier, films, change)
    figures = figures_of(classifier.entry, split, predictions)
    if not is_detector(classifier.entry):
        return figures
    probabilities, labels = predictions.probabilities[:, 0], predictions.targets[:, 0]
    found, bootstrap = matches(classifier.members[0], films, change), resampled(predictions.patients)
    ninety = {"sensitivity_at_90_specificity": sensitivity_at(probabilities, labels, 0.9)}
    figures["metrics"] |= estimates(ninety, bootstrap) | box_figures(found, bootstrap)
    figures["subsets"] = subsets(films, found, probabilities, bootstrap)
    return figures
