"""Train a model from a recipe, release it and evaluate it on its test films."""

from __future__ import annotations

import platform
from pathlib import Path
from typing import Any

import torch
from accelerate import PartialState
from torch import nn

from xray.errors import UnusableData
from xray.models.architectures import build
from xray.models.classifier import Classifier, load_classifier
from xray.models.detector import DETECTORS
from xray.models.weights import decode_weights
from xray.settings import settings
from xray.train.data import load_pixels, targets_of
from xray.train.dataset import Dataset, dataset
from xray.train.distil import Teacher, feature_maps
from xray.train.film import Film
from xray.train.loop import Films, Run, averaged, train
from xray.train.recipes.recipe import Recipe
from xray.train.release import release, release_ensemble


def start(recipe: Recipe, init: Path | None = None) -> nn.Module:
    """Build the network of a recipe and load its starting weights, if any.

    Raises:
        UnusableData: If the weights are missing or do not fit.
    """
    module = build(recipe.architecture, len(recipe.findings))
    if init is None and recipe.init.startswith("model:"):
        given = load_classifier(recipe.init.removeprefix("model:")).module.state_dict()
    elif init is None and not recipe.init:
        return module.to(memory_format=torch.channels_last)
    else:
        init = init or settings().shared_dir / recipe.init
        try:
            given = decode_weights(init.read_bytes())
        except OSError as error:
            raise UnusableData(
                f"The starting weights {init.name} are missing.",
                hint="Pass --init FILE, or set XRAY_SHARED_DIR to the folder with init/ and data/.",
            ) from error
    theirs, ours = recipe.init_into
    given = {name.replace(theirs, ours, 1) if theirs else name: value for name, value in given.items()}
    own = module.state_dict()
    fitting = {name: value for name, value in given.items() if name in own and own[name].shape == value.shape}
    if not fitting:
        name = init.name if init else recipe.init
        raise UnusableData(
            f"{name} does not fit {recipe.architecture}.", hint=f"Use weights of {recipe.architecture}."
        )
    module.load_state_dict(own | fitting)
    return module.to(memory_format=torch.channels_last)


def teacher_of(recipe: Recipe, module: nn.Module, device: str) -> Teacher | None:
    """Load the teacher of a recipe, with a projector for the student's feature map.

    Raises:
        ModelUnavailable: If the teacher cannot be loaded.
    """
    if recipe.teacher is None:
        return None
    known = load_classifier(recipe.teacher)
    followed = module.get_submodule(recipe.followed_at or recipe.target_layer)
    with torch.inference_mode(), feature_maps(followed) as maps:
        module.eval()(torch.zeros(1, 3, recipe.input_size, recipe.input_size, device=device))
    return Teacher(Classifier(known.entry, known.module, device), maps[0].shape[1], recipe.activation)


def load_films(recipe: Recipe, films: list[Film], what: str) -> Films:
    """Load pixels and labels of films at the input size of a recipe."""
    several = recipe.activation == "sigmoid"
    return (
        load_pixels(films, recipe.input_size, what),
        targets_of(films, recipe.findings, several=several),
    )


def make(
    recipe: Recipe,
    runs: Path,
    *,
    data: Path | None = None,
    extra: Path | None = None,
    init: Path | None = None,
    device: str = "cpu",
    resume: bool = False,
    workers: int = 0,
) -> dict[str, Any]:
    """Train a model, write it to the weights folder and evaluate it.

    Args:
        recipe: The recipe.
        runs: Folder for checkpoints.
        data: Folder to use instead of the recipe's sources.
        extra: Folder of additional training films.
        init: Starting weights to use instead of the recipe's.
        device: Device to train on.
        resume: Whether to continue from the last checkpoint.
        workers: Number of processes that prepare films.

    Returns:
        The figures; empty in all processes but the main one.

    Raises:
        UnusableData: If films or starting weights are missing or do not fit.
        ModelUnavailable: If a teacher or a member of an ensemble cannot be loaded.
    """
    films = dataset(recipe, data, extra).readable()
    facts = {
        "learning_films": len(films.learning),
        "helping_films": len(films.helping),
        "machine": f"{device} ({platform.machine()}, {torch.get_num_threads()} threads)",
        "torch": torch.__version__,
    }
    if recipe.members:
        return release_ensemble(recipe, films, facts)
    checkpoint = runs / recipe.name / "checkpoint.pt"
    if not resume:
        checkpoint.unlink(missing_ok=True)
    if recipe.architecture in DETECTORS:
        run = _fitted(recipe, films, runs / recipe.name, init, device, resume, workers)
    else:
        run = train_recipe(recipe, films, checkpoint, init=init, device=device, workers=workers)
    if not PartialState().is_main_process:
        return {}
    return release(recipe, run, films, facts)


def _fitted(
    recipe: Recipe, films: Dataset, folder: Path, init: Path | None, device: str, resume: bool, workers: int
) -> Run:
    from xray.train.yolo import train_detector

    torch.manual_seed(recipe.seed)
    return train_detector(
        recipe, films, folder, start(recipe, init), device=device, resume=resume, workers=workers
    )


def train_recipe(
    recipe: Recipe,
    films: Dataset,
    checkpoint: Path,
    *,
    init: Path | None = None,
    device: str = "cpu",
    workers: int = 0,
) -> Run:
    """Train the network of a recipe through all stages, continuing from an existing checkpoint."""
    torch.manual_seed(recipe.seed)
    module = start(recipe, init).to(device)
    run = Run(module, averaged(module, recipe.ema_decay).to(device), teacher_of(recipe, module, device))
    train(
        recipe,
        run,
        load_films(recipe, films.learning, "training films"),
        load_films(recipe, films.helping, "helping films") if films.helping else None,
        load_films(recipe, films.held_out, "validation films"),
        checkpoint=checkpoint,
        device=device,
        workers=workers,
    )
    return run
