"""From a trained network to a model users can load: calibrate, set the operating point, write the facts."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Any

import numpy as np
import tomlkit
import torch

from xray.models.architectures import build
from xray.models.calibration import calibrated, fit_temperature
from xray.models.classifier import Classifier, load_classifier
from xray.models.registry import ModelEntry, registry_file
from xray.models.weights import decode_weights, encode_weights
from xray.settings import settings
from xray.train.card import card
from xray.train.data import Film
from xray.train.evaluate import Answers, answers, figures_of, measure
from xray.train.loop import Run
from xray.train.metrics import threshold_at_sensitivity
from xray.train.recipes import Recipe

LOGIT_TOLERANCE = 0.01  # half precision is kept where it moves no validation logit by more


def release(
    recipe: Recipe, run: Run, held_out: list[Film], test: list[Film], facts: dict[str, Any]
) -> dict[str, Any]:
    """Write weights, registry entry, figures (JSON) and card; return the figures.

    Temperature and operating point come from the validation films alone; test films are measured on last.
    """
    content, given = smallest_weights(recipe, run, held_out)
    temperature = round(fit_temperature(given.logits, given.targets), 4)
    mended = calibrated(torch.from_numpy(given.logits), temperature, "softmax").numpy()
    threshold = threshold_at_sensitivity(mended[:, -1], given.happened, recipe.target_sensitivity)
    threshold = np.floor(threshold * 1e4) / 1e4
    entry = entry_of(recipe, content, temperature, (1 - threshold, threshold))
    write_model(entry, content)
    figures = facts | {
        "validation": figures_of(entry, "validation", replace(given, probabilities=mended)),
        "validation_uncalibrated": figures_of(entry, "validation", given),
        "test": measure(load_classifier(entry.id), "test", test),
        "epochs": run.history,
        "seconds": round(run.seconds),
    }
    folder = settings().weights_dir
    (folder / f"{entry.id}.json").write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    (folder / entry.card).write_text(card(recipe, entry, figures), encoding="utf-8")
    return figures


def smallest_weights(recipe: Recipe, run: Run, held_out: list[Film]) -> tuple[bytes, Answers]:
    """The averaged weights in half precision where that changes no logit noticeably, and what they answer."""
    contents = [encode_weights(run.average.module, precision) for precision in (torch.float16, torch.float32)]
    half, full = (answers(_classifier(recipe, content), held_out) for content in contents)
    if np.abs(half.logits - full.logits).max() <= LOGIT_TOLERANCE:
        return contents[0], half
    return contents[1], full


def _classifier(recipe: Recipe, content: bytes) -> Classifier:
    module = build(recipe.architecture, len(recipe.findings))
    module.load_state_dict(decode_weights(content))
    return Classifier(entry_of(recipe, content, 1.0, (0.5,) * len(recipe.findings)), module)


def entry_of(recipe: Recipe, content: bytes, temperature: float, thresholds: tuple[float, ...]) -> ModelEntry:
    return ModelEntry(
        id=recipe.name,
        title=recipe.title,
        task=recipe.task,
        architecture=recipe.architecture,
        findings=recipe.findings,
        weights=f"{recipe.name}.safetensors",
        sha256=hashlib.sha256(content).hexdigest(),
        input_size=recipe.input_size,
        normalization=recipe.normalization,
        activation="softmax",
        temperature=temperature,
        thresholds=tuple(round(value, 4) for value in thresholds),
        target_layer=recipe.target_layer,
        trained_on=recipe.trained_on,
        licence=recipe.licence,
    )


def write_model(entry: ModelEntry, content: bytes) -> None:
    """Put the weights beside the registry and the entry into it, in place of an older one of the same id."""
    path = registry_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    (path.parent / entry.weights).write_bytes(content)
    registry = tomlkit.parse(path.read_text(encoding="utf-8")) if path.is_file() else tomlkit.document()
    listed = registry.setdefault("model", tomlkit.aot())
    table = tomlkit.item(entry.model_dump(mode="json"))
    for index, known in enumerate(listed):
        if known["id"] == entry.id:
            listed[index] = table
            break
    else:
        listed.append(table)
    path.write_text(tomlkit.dumps(registry), encoding="utf-8")
