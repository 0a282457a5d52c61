"""Effect of a teacher: the first stage of a recipe with and without it, with all else equal."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator

from xray.errors import InvalidRequest
from xray.models.registry import entry
from xray.settings import settings
from xray.train.dataset import Dataset, dataset
from xray.train.decoded import DecodedFilms
from xray.train.figures import LabeledPredictions, figures_of
from xray.train.loop import accelerator_on, logits_of
from xray.train.make import load_films, readable_films, require_models, train_recipe
from xray.train.recipes.recipe import Recipe
from xray.train.release import entry_of, kept_figures, write_figures


def variants(recipe: Recipe, epochs: int) -> dict[str, Recipe]:
    """Return a recipe reduced to its first stage, and the same without one of its two losses.

    Args:
        recipe: A recipe whose first stage uses labels and a teacher.
        epochs: Number of epochs.

    Raises:
        InvalidRequest: If the first stage does not use both.
    """
    first = replace(recipe.stages[0], epochs=epochs, patience=None) if recipe.stages else None
    if first is None or not (recipe.teacher and first.labels and first.teacher):
        raise InvalidRequest(
            f"The first stage of {recipe.name} does not use labels and a teacher.",
            hint="Choose a recipe whose first stage does.",
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
    """Train the variants of a recipe and compare them on validation films, uncalibrated.

    All variants use the same films, seed and number of steps. A variant with a complete checkpoint is not
    trained again. If the model has figures and a card, the result is added to them.

    Args:
        recipe: The recipe.
        runs: Folder for checkpoints and decoded films.
        data: Folder to use instead of the recipe's sources.
        epochs: Number of epochs.
        device: Device to train on.
        workers: Number of processes that prepare films.

    Returns:
        `epochs`, `size`, `n` and `metrics` by variant.

    Raises:
        InvalidRequest: If the recipe has no teacher in its first stage.
        UnusableData: If films are missing.
        ModelUnavailable: If the teacher, or the model to start from, cannot be loaded.
    """
    chosen = variants(recipe, epochs)
    require_models(recipe)
    accelerator = accelerator_on(device, recipe.half)
    decoded = DecodedFilms(runs / f"{recipe.name}-films", recipe.input_size)
    films = readable_films(dataset(recipe, data), decoded, accelerator)
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
                decoded,
                accelerator,
                workers,
            )
            for name, variant in chosen.items()
        },
    }
    if (settings().weights_dir / f"{recipe.name}.json").is_file():
        write_figures(recipe, entry(recipe.name), kept_figures(recipe.name) | {"ablation": found})
    return found


def _figures(
    recipe: Recipe,
    films: Dataset,
    checkpoint: Path,
    size: int,
    decoded: DecodedFilms,
    accelerator: Accelerator,
    workers: int,
) -> dict[str, dict[str, float]]:
    run = train_recipe(recipe, films, checkpoint, decoded, accelerator, workers=workers)
    loaded = load_films(recipe, films.held_out, decoded)
    logits = logits_of(run.average.module, loaded.pixels, recipe.normalization, accelerator.device, size)
    probabilities = logits.softmax(-1) if recipe.activation == "softmax" else torch.sigmoid(logits)
    predictions = LabeledPredictions(
        logits.numpy(),
        probabilities.numpy(),
        loaded.targets,
        [film.patient for film in films.held_out],
        [film.source for film in films.held_out],
    )
    metrics: dict[str, dict[str, float]] = figures_of(entry_of(recipe, None), "validation", predictions)[
        "metrics"
    ]
    return metrics
