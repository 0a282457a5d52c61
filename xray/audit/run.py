"""Run a classifier on films and controls, and apply every audit check to its predictions."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from xray.audit.controls import controls
from xray.audit.inputs import fault_of, is_flat
from xray.audit.predictions import FilmPredictions, Predictions, Values
from xray.audit.registry import CHECKS, Result
from xray.audit.sensitivity import CHANGES
from xray.errors import UnusableData
from xray.models.predictor import Predictor
from xray.types import Radiograph

Labels = frozenset[str] | None


def audit(
    model: Predictor, radiographs: Iterable[Radiograph], labels: Iterable[Labels] | None = None
) -> list[Result]:
    """Audit a model on films.

    Args:
        model: A classifier or an ensemble.
        radiographs: The films.
        labels: Findings of each film in the model's spelling; None for an unlabeled film.

    Returns:
        One result per registered check.

    Raises:
        UnusableData: If there is no film.
    """
    if labels is None:
        return evaluate(model, [collect(model, radiograph) for radiograph in radiographs])
    pairs = zip(radiographs, labels, strict=True)
    return evaluate(model, [collect(model, radiograph, known) for radiograph, known in pairs])


def collect(model: Predictor, radiograph: Radiograph, labels: Labels = None) -> FilmPredictions:
    """Compute the predictions that the checks need for one film, in about ten forward passes.

    For an ensemble, inputs are those of every member and predictions those of the ensemble.

    Args:
        model: A classifier or an ensemble.
        radiograph: The film.
        labels: Findings of the film in the model's spelling; None if unknown.
    """
    side = max(member.entry.input_size for member in model.members)
    films = [member.film(radiograph).cpu() for member in model.members]
    batches = [member.prepare(radiograph)[0].float().cpu().contiguous() for member in model.members]
    faults = [
        fault_of(batch, film, member.entry.normalization)
        for member, film, batch in zip(model.members, films, batches, strict=True)
    ]
    logits = model.logits(radiograph)
    changed = {
        name: np.concatenate(
            [
                _probabilities(model, replace(radiograph, pixels=pixels))
                for pixels in change(radiograph.pixels, side)
            ]
        )
        for name, change in CHANGES.items()
    }
    return FilmPredictions(
        sha256=radiograph.sha256,
        inputs=tuple(hashlib.sha256(batch.numpy().tobytes()).hexdigest() for batch in batches),
        flat=all(is_flat(film) for film in films),
        labels=labels,
        input_fault=next(filter(None, faults), ""),
        logits=logits[0].float().cpu().numpy(),
        repeated=model.logits(radiograph)[0].float().cpu().numpy(),
        probabilities=model.probabilities(logits)[0].numpy(),
        changed=changed,
    )


def evaluate(model: Predictor, films: Sequence[FilmPredictions]) -> list[Result]:
    """Apply all checks to the predictions for films.

    Args:
        model: The model that made the predictions.
        films: One item per film; a film that occurs twice counts once.

    Raises:
        UnusableData: If there is no film.
    """
    if not films:
        raise UnusableData("There is no film to audit the model with.", hint="Give at least one radiograph.")
    side = max(member.entry.input_size for member in model.members)
    on_controls = [model.logits(control) for control in controls(side)]
    predictions = Predictions(
        entry=model.entry,
        films=tuple({film.sha256: film for film in films}.values()),
        control_logits=np.concatenate([logits.float().cpu().numpy() for logits in on_controls]),
        control_probabilities=np.concatenate([model.probabilities(logits).numpy() for logits in on_controls]),
    )
    return [check.result(predictions) for check in CHECKS.values()]


def _probabilities(model: Predictor, radiograph: Radiograph) -> Values:
    return model.probabilities(model.logits(radiograph)).numpy()
