"""Release of a trained network: calibration, operating points, registry entry, figures and card."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from xray.errors import ModelUnavailable, UnusableData
from xray.imaging.markers import without_markers
from xray.imaging.transforms import downsampled
from xray.models.architectures import build
from xray.models.calibration import fit_scaling
from xray.models.classifier import Classifier, load_classifier
from xray.models.conformal import inclusion_thresholds
from xray.models.detector import is_detector
from xray.models.ensemble import Ensemble, load_model
from xray.models.predictor import Predictor
from xray.models.registry import ModelEntry, entry, registry_file, write_entry
from xray.models.weights import decode_weights, encode_weights
from xray.settings import settings
from xray.train.card import card
from xray.train.dataset import Dataset
from xray.train.evaluate import measure, predictions_of
from xray.train.figures import LabeledPredictions, figures_of
from xray.train.interval_calibration import calibrate_intervals, coverage_of
from xray.train.metrics import threshold_at_sensitivity, threshold_at_specificity
from xray.train.recipes.recipe import Recipe
from xray.train.run import Run
from xray.train.sources import READINGS

LIST_OF_NUMBERS = re.compile(r"\[[^\[\]{}\"]*\]")  # is written on one line


def release(recipe: Recipe, run: Run, films: Dataset, facts: dict[str, Any]) -> dict[str, Any]:
    """Write weights, registry entry, figures (JSON) and card of a network.

    Weights are stored in half precision, and everything is fitted to and measured with the stored weights.
    Calibration and operating points are fitted on validation films; test films are evaluated last.

    Args:
        recipe: The recipe.
        run: The finished training run.
        films: The films of the recipe.
        facts: Facts about the training, stored with the figures.

    Returns:
        The figures.
    """
    content = encode_weights(run.average.module)
    facts = facts | {"epochs": run.history, "seconds": round(run.seconds)}
    raw = entry_of(recipe, content)
    predictions = predictions_of(classifier_of(recipe, content, raw), films.held_out)
    return _finish(
        recipe, raw, predictions, lambda entry: classifier_of(recipe, content, entry), films, facts, content
    )


def release_ensemble(recipe: Recipe, films: Dataset, facts: dict[str, Any]) -> dict[str, Any]:
    """Write registry entry, figures and card of an ensemble of registered models; see release().

    Raises:
        ModelUnavailable: If a member cannot be loaded.
    """
    members = tuple(load_classifier(member) for member in recipe.members)
    raw = entry_of(recipe, None)
    predictions = predictions_of(Ensemble(raw, members), films.held_out)
    return _finish(recipe, raw, predictions, lambda entry: Ensemble(entry, members), films, facts, None)


def _finish(
    recipe: Recipe,
    raw: ModelEntry,
    predictions: LabeledPredictions,
    predictor: Callable[[ModelEntry], Predictor],
    films: Dataset,
    facts: dict[str, Any],
    content: bytes | None,
) -> dict[str, Any]:
    """Calibrate a model on its predictions for the validation films, register it and evaluate it."""
    scaling = fit_scaling(predictions.logits, predictions.targets, recipe.activation)
    entry = raw.model_copy(update={"scale": short(scaling[0]), "shift": short(scaling[1])})
    probabilities = predictor(entry).probabilities(torch.from_numpy(predictions.logits)).numpy()
    calibrated = replace(predictions, probabilities=probabilities)
    present, absent = inclusion_thresholds(probabilities, predictions.targets, recipe.activation)
    entry = entry.model_copy(
        update={"thresholds": operating_points(recipe, calibrated), "present": present, "absent": absent}
    )
    spread, widening, compared = calibrate_intervals(predictor(entry), films.held_out)
    entry = entry.model_copy(update={"spread": spread, "widening": widening})
    write_model(entry, content)
    model = load_model(entry.id)
    figures = facts | {
        "validation": figures_of(model.entry, "validation", calibrated),
        "validation_uncalibrated": figures_of(raw, "validation", predictions)["metrics"],
        "test": measure(model, "test", films.test),
        "intervals": compared | {"test": coverage_of(model, films.test)},
    }
    if films.readings:
        figures["readings"] = measure(model, READINGS, films.readings)
    if films.other_source:
        figures["other_source"] = measure(model, "other source", films.other_source)
    if recipe.shrunk_to:
        side = recipe.shrunk_to
        figures["shrunk"] = measure(model, "test", films.test, lambda film: downsampled(film, side))
    if is_detector(model.entry):
        figures["without_markers"] = measure(model, "test", films.test, without_markers)
    write_figures(recipe, model.entry, figures)
    return figures


def write_figures(recipe: Recipe, entry: ModelEntry, figures: dict[str, Any]) -> None:
    """Write figures and sentences of the card as JSON, and the card as Markdown, beside the weights."""
    folder = settings().weights_dir
    figures |= {"warning": recipe.warning, "choices": list(recipe.choices)}
    figures |= {"weaknesses": list(recipe.weaknesses)}
    text = LIST_OF_NUMBERS.sub(lambda found: " ".join(found[0].split()), json.dumps(figures, indent=1))
    (folder / f"{entry.id}.json").write_text(f"{text}\n", encoding="utf-8")
    (folder / entry.card).write_text(card(recipe, entry, figures), encoding="utf-8")


def rewrite_card(recipe: Recipe) -> ModelEntry:
    """Write the card of a registered model again, from its kept figures and the sentences of its recipe.

    The figures do not change; title, training data and licence in the registry follow the recipe.

    Raises:
        ModelUnavailable: If the model or its figures are missing.
    """
    known, figures = entry(recipe.name), kept_figures(recipe.name)
    facts = {"title": recipe.title, "trained_on": recipe.trained_on, "licence": recipe.licence}
    updated = known.model_copy(update=facts)
    if updated != known:
        write_entry(updated, registry_file())
    loaded = load_model(updated.id).entry  # of an ensemble, with the hash of its members' hashes
    write_figures(recipe, loaded, figures)
    return loaded


def kept_figures(model_id: str) -> dict[str, Any]:
    """Read the figures beside the weights of a model. Raises ModelUnavailable."""
    path = settings().weights_dir / f"{model_id}.json"
    try:
        figures: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelUnavailable(
            f"The figures {path.name} cannot be read.",
            hint=f"Restore weights/{path.name} from the repository.",
        ) from error
    return figures


def short(values: tuple[float, ...]) -> tuple[float, ...]:
    """Round values to four digits for the registry."""
    return tuple(round(value, 4) for value in values)


def operating_points(recipe: Recipe, predictions: LabeledPredictions) -> tuple[float, ...]:
    """Choose operating points (K) on calibrated probabilities of validation films.

    With a target sensitivity, the highest threshold of the second of two findings that reaches it on these
    films. With a target specificity, the lowest threshold from 0.5 of each finding that reaches it. Otherwise
    0.5 for softmax and the prevalence of each finding for sigmoid, which maximizes the sum of sensitivity and
    specificity for calibrated probabilities.

    Raises:
        UnusableData: If no validation film shows the finding of a target sensitivity.
    """
    probabilities, targets = predictions.probabilities, predictions.targets
    if recipe.target_sensitivity:
        if not (targets[:, -1] == 1).any():
            raise UnusableData(
                f"No validation film shows {recipe.findings[-1]}.", hint="Add films with this finding."
            )
        last = threshold_at_sensitivity(probabilities[:, -1], targets[:, -1], recipe.target_sensitivity)
        return round(1 - last, 4), last
    if recipe.target_specificity:
        reached = (
            threshold_at_specificity(column, known, recipe.target_specificity)
            for column, known in zip(probabilities.T, targets.T, strict=True)
        )
        return tuple(max(threshold, 0.5) for threshold in reached)
    if recipe.activation == "softmax":
        return (0.5,) * len(recipe.findings)
    return short(tuple(np.nanmean(targets, axis=0).clip(0.005).tolist()))


def classifier_of(recipe: Recipe, content: bytes, entry: ModelEntry) -> Classifier:
    """Build a classifier from encoded weights."""
    module = build(recipe.architecture, len(recipe.findings))
    module.load_state_dict(decode_weights(content))
    return Classifier(entry, module)


def entry_of(recipe: Recipe, content: bytes | None) -> ModelEntry:
    """Return the entry of a model before calibration; of an ensemble if there are no weights."""
    return ModelEntry(
        id=recipe.name,
        title=recipe.title,
        task=recipe.task,
        architecture=recipe.architecture,
        findings=recipe.findings,
        regions=recipe.regions,
        kind="ensemble" if content is None else "bundled",
        members=recipe.members,
        weights="" if content is None else f"{recipe.name}.safetensors",
        sha256="" if content is None else hashlib.sha256(content).hexdigest(),
        input_size=recipe.input_size,
        normalization=recipe.normalization,
        fit=recipe.fit,
        activation=recipe.activation,
        thresholds=(0.5,) * len(recipe.findings),
        target_layer=recipe.target_layer,
        test_share=recipe.test_share,
        own_split=recipe.sources[0].own_split,
        teaching=recipe.teaching,
        trained_on=recipe.trained_on,
        licence=recipe.licence,
    )


def write_model(entry: ModelEntry, content: bytes | None) -> None:
    """Write weights and registry entry, replacing an older model with the same id."""
    path = registry_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    if content is not None:
        (path.parent / entry.weights).write_bytes(content)
    write_entry(entry, path)
