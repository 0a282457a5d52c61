"""From a trained network to a model users can load: calibrate, set operating points, write the facts."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from xray.errors import ModelUnavailable
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
from xray.train.evaluate import answers, measure
from xray.train.figures import figures_of
from xray.train.interval_calibration import chosen_spread, coverage_of
from xray.train.loop import Run
from xray.train.metrics import threshold_at_sensitivity
from xray.train.predictions import Answers
from xray.train.recipes.recipe import Recipe

LIST_OF_NUMBERS = re.compile(r"\[[^\[\]{}\"]*\]")  # goes on one line


def release(recipe: Recipe, run: Run, films: Dataset, facts: dict[str, Any]) -> dict[str, Any]:
    """Write weights, registry entry, figures (JSON) and card of a network; return the figures.

    Weights are kept in half precision, and everything is fitted to and measured on these. What is fitted
    comes from the validation films alone; test films are measured on last.
    """
    content = encode_weights(run.average.module)
    facts = facts | {"epochs": run.history, "seconds": round(run.seconds)}
    raw = entry_of(recipe, content)
    given = answers(classifier_of(recipe, content, raw), films.held_out)
    return told(
        recipe, raw, given, lambda entry: classifier_of(recipe, content, entry), films, facts, content
    )


def release_ensemble(recipe: Recipe, films: Dataset, facts: dict[str, Any]) -> dict[str, Any]:
    """The same for the mean of registered models. Raises ModelUnavailable."""
    members = tuple(load_classifier(member) for member in recipe.members)
    raw = entry_of(recipe, None)
    given = answers(Ensemble(raw, members), films.held_out)
    return told(recipe, raw, given, lambda entry: Ensemble(entry, members), films, facts, None)


def told(
    recipe: Recipe,
    raw: ModelEntry,
    given: Answers,
    predictor: Callable[[ModelEntry], Predictor],
    films: Dataset,
    facts: dict[str, Any],
    content: bytes | None,
) -> dict[str, Any]:
    """Calibrate on what a model answered to the validation films, register it, measure it, write it down."""
    fitted = fit_scaling(given.logits, given.targets, recipe.activation)
    entry = raw.model_copy(update={"scale": short(fitted[0]), "shift": short(fitted[1])})
    said = predictor(entry).probabilities(torch.from_numpy(given.logits)).numpy()
    mended = replace(given, probabilities=said)
    present, absent = inclusion_thresholds(said, given.targets, recipe.activation)
    entry = entry.model_copy(
        update={"thresholds": operating_points(recipe, mended), "present": present, "absent": absent}
    )
    spread, widening, compared = chosen_spread(predictor(entry), films.held_out)
    entry = entry.model_copy(update={"spread": spread, "widening": widening})
    write_model(entry, content)
    model = load_model(entry.id)
    figures = facts | {
        "validation": figures_of(model.entry, "validation", mended),
        "validation_uncalibrated": figures_of(raw, "validation", given)["metrics"],
        "test": measure(model, "test", films.test),
        "intervals": compared | {"test": coverage_of(model, films.test)},
    }
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
    known = entry(recipe.name)
    path = settings().weights_dir / f"{known.id}.json"
    try:
        figures = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelUnavailable(
            f"The figures {path.name} cannot be read.",
            hint=f"Restore weights/{path.name} from the repository.",
        ) from error
    facts = {"title": recipe.title, "trained_on": recipe.trained_on, "licence": recipe.licence}
    updated = known.model_copy(update=facts)
    if updated != known:
        write_entry(updated, registry_file())
    write_figures(recipe, updated, figures)
    return updated


def short(values: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(round(value, 4) for value in values)


def operating_points(recipe: Recipe, given: Answers) -> tuple[float, ...]:
    """Thresholds (K) on calibrated validation probabilities.

    With a target sensitivity, the highest for the last of two findings that keeps it. With a target
    specificity, the lowest from one half that keeps it, finding by finding. Otherwise one half under softmax,
    and under sigmoid each finding's share of the films: where probabilities are calibrated, sensitivity and
    specificity have their highest sum there.
    """
    if recipe.target_sensitivity:
        last = threshold_at_sensitivity(
            given.probabilities[:, -1], given.targets[:, -1], recipe.target_sensitivity
        )
        last = float(np.floor(last * 1e4) / 1e4)
        return round(1 - last, 4), last
    if recipe.target_specificity:
        negatives = np.where(given.targets == 0, given.probabilities, np.nan)
        return short(tuple(np.nanquantile(negatives, recipe.target_specificity, axis=0).clip(0.5).tolist()))
    if recipe.activation == "softmax":
        return (0.5,) * len(recipe.findings)
    return short(tuple(np.nanmean(given.targets, axis=0).clip(0.005).tolist()))


def classifier_of(recipe: Recipe, content: bytes, entry: ModelEntry) -> Classifier:
    module = build(recipe.architecture, len(recipe.findings))
    module.load_state_dict(decode_weights(content))
    return Classifier(entry, module)


def entry_of(recipe: Recipe, content: bytes | None) -> ModelEntry:
    """The registry entry of a model that is not calibrated yet; without weights, of an ensemble."""
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
        trained_on=recipe.trained_on,
        licence=recipe.licence,
    )


def write_model(entry: ModelEntry, content: bytes | None) -> None:
    """Put the weights beside the registry and the entry into it, in place of an older one of the same id."""
    path = registry_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    if content is not None:
        (path.parent / entry.weights).write_bytes(content)
    write_entry(entry, path)
