"""What a teacher is worth: the first stage of a recipe with it and without it, all else alike."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from xray.errors import InvalidRequest
from xray.models.registry import entry
from xray.settings import settings
from xray.train.dataset import Dataset, dataset
from xray.train.figures import figures_of
from xray.train.loop import logits_of
from xray.train.make import loaded, trained
from xray.train.predictions import Answers
from xray.train.recipes.recipe import Recipe
from xray.train.release import entry_of, write_figures


def variants(recipe: Recipe, epochs: int) -> dict[str, Recipe]:
    """The recipe cut to some epochs of its first stage, and the same without one of its two losses.

    Raises InvalidRequest for a recipe without a teacher.
    """
    first = replace(recipe.stages[0], epochs=epochs, patience=None) if recipe.stages else None
    if first is None or not (recipe.teacher and first.labels and first.teacher):
        raise InvalidRequest(
            f"{recipe.name} does not begin with labels and a teacher.", hint="Choose a recipe that does."
        )
    alone = replace(recipe, teacher=None, stages=(replace(first, teacher=0.0),))
    return {
        "labels and teacher": replace(recipe, stages=(first,)),
        "labels alone": alone,
        "teacher alone": replace(recipe, stages=(replace(first, labels=0.0),)),
    }


def ablate(
    recipe: Recipe,
    runs: Path,
    *,
    data: Path | None = None,
    epochs: int = 8,
    device: str = "cpu",
    workers: int = 0,
) -> dict[str, Any]:
    """{"epochs", "size", "n", "metrics": variant to metrics} on validation films, uncalibrated; written into
    the figures and the card of the model where there are some.

    Every variant has the same films, seed and number of steps; a variant whose checkpoint is whole is not
    trained again. Raises InvalidRequest, UnusableData and ModelUnavailable.
    """
    chosen = variants(recipe, epochs)
    films = dataset(recipe, data).readable()
    size = recipe.stages[0].size or recipe.input_size
    found = {
        "epochs": epochs,
        "size": size,
        "n": len(films.held_out),
        "metrics": {
            name: _figures(
                variant,
                films,
                runs / f"{recipe.name}-{epochs}-{name.replace(' ', '-')}" / "checkpoint.pt",
                size,
                device,
                workers,
            )
            for name, variant in chosen.items()
        },
    }
    figures = settings().weights_dir / f"{recipe.name}.json"
    if figures.is_file():
        written = json.loads(figures.read_text(encoding="utf-8"))
        write_figures(recipe, entry(recipe.name), written | {"ablation": found})
    return found


def _figures(
    recipe: Recipe, films: Dataset, checkpoint: Path, size: int, device: str, workers: int
) -> dict[str, dict[str, float]]:
    run = trained(recipe, films, checkpoint, device=device, workers=workers)
    pixels, targets = loaded(recipe, films.held_out, "validation films")
    logits = logits_of(run.average.module, pixels, recipe.normalization, device, size)
    said = logits.softmax(-1) if recipe.activation == "softmax" else torch.sigmoid(logits)
    given = Answers(
        logits.numpy(),
        said.numpy(),
        targets,
        [film.patient for film in films.held_out],
        [film.source for film in films.held_out],
    )
    metrics: dict[str, dict[str, float]] = figures_of(entry_of(recipe, None), "validation", given)["metrics"]
    return metrics
