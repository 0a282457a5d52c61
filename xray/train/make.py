"""Train a model from a recipe, release it and evaluate it on its test films."""

from __future__ import annotations

import platform
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from accelerate import Accelerator, PartialState
from torch import nn

from xray.errors import ModelUnavailable, UnusableData
from xray.io.label_lists import plain
from xray.models.architectures import build
from xray.models.classifier import Classifier, load_classifier
from xray.models.detector import DETECTORS
from xray.models.weights import decode_weights
from xray.settings import settings
from xray.train.augment import Films
from xray.train.data import readable, targets_of
from xray.train.dataset import Dataset, dataset
from xray.train.decoded import DecodedFilms
from xray.train.distil import Teacher, feature_maps
from xray.train.film import Film
from xray.train.loop import accelerator_on, train
from xray.train.packaged import of_package
from xray.train.recipes.recipe import Recipe
from xray.train.release import release, release_ensemble
from xray.train.run import Run, averaged

MODEL = "model:"  # in Recipe.init, before the id of a registered model


def needed(model_id: str) -> Classifier:
    """Load a model that a recipe needs.

    Raises:
        ModelUnavailable: If it cannot be loaded, with the command that trains it.
    """
    try:
        return load_classifier(model_id)
    except ModelUnavailable as error:
        raise ModelUnavailable(error.message, f"Train it first: python -m xray train {model_id}.") from error


def require_models(recipe: Recipe, init: Path | None = None) -> None:
    """Load all that a recipe needs besides films: starting weights, teacher, or the members of an ensemble.

    Raises:
        UnusableData: If the starting weights are missing or do not fit.
        ModelUnavailable: If a model cannot be loaded, with the command that trains it.
    """
    for model_id in filter(None, (*recipe.members, recipe.teacher)):
        needed(model_id)
    if not recipe.members:
        start(recipe, init)


def start(recipe: Recipe, init: Path | None = None) -> nn.Module:
    """Build the network of a recipe and load its starting weights, if any.

    Raises:
        UnusableData: If the weights are missing or do not fit.
        ModelUnavailable: If the model to start from cannot be loaded, with the command that trains it.
    """
    module = build(recipe.architecture, len(recipe.findings))
    if init is None and recipe.init.startswith(MODEL):
        given = needed(recipe.init.removeprefix(MODEL)).module.state_dict()
    elif init is None and not recipe.init:
        return module.to(memory_format=torch.channels_last)
    elif init is None and recipe.init.startswith("package:"):
        given = of_package(recipe.init.removeprefix("package:"), module)
    else:
        init = init or settings().training_data / recipe.init
        try:
            given = decode_weights(init.read_bytes())
        except OSError as error:
            raise UnusableData(
                f"The starting weights {init.name} are missing.",
                hint="Pass --init FILE, or set XRAY_TRAINING_DATA to the folder with init/ and data/.",
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


def teacher_of(recipe: Recipe, module: nn.Module, device: torch.device) -> Teacher | None:
    """Load the teacher of a recipe, with a projector for the student's feature map.

    Raises:
        ModelUnavailable: If the teacher cannot be loaded.
    """
    if recipe.teacher is None:
        return None
    known = needed(recipe.teacher)
    followed = module.get_submodule(recipe.followed_at or recipe.target_layer)
    with torch.inference_mode(), feature_maps(followed) as maps:
        module.eval()(torch.zeros(1, 3, recipe.input_size, recipe.input_size, device=device))
    teacher = Classifier(known.entry, known.module, str(device))
    return Teacher(teacher, maps[0].shape[1], recipe.activation)


def load_films(recipe: Recipe, films: list[Film], decoded: DecodedFilms) -> Films:
    """Load films with the targets of a recipe's findings."""
    several = recipe.activation == "sigmoid"
    targets = targets_of(films, recipe.findings, several=several)
    names = tuple(map(plain, recipe.findings))
    groups = tuple(f"{film.source}: {', '.join(sorted(film.labels.intersection(names)))}" for film in films)
    marked = np.array([[name in (film.marked or film.labels) for name in names] for film in films])
    boxes = tuple(film.boxes for film in films)
    return Films(decoded.stacked(films), targets, boxes, marked & (targets == 1), groups)


def readable_films(films: Dataset, decoded: DecodedFilms, accelerator: Accelerator) -> Dataset:
    """Return a data set without unreadable films.

    Every process decodes its share of the films for training and validation; test films are read by the main
    process only, which evaluates them.
    """
    parts = films.learning, films.helping, films.held_out
    share = slice(accelerator.process_index, None, accelerator.num_processes)
    decoded.readable([film for part in parts for film in part][share], "films")
    accelerator.wait_for_everyone()
    learning, helping, held_out = (decoded.readable(part, "decoded films") for part in parts)
    decodable = replace(films, learning=learning, helping=helping, held_out=held_out)
    if not accelerator.is_main_process:
        return decodable
    return replace(
        decodable,
        test=readable(films.test),
        other_source=readable(films.other_source),
        readings=readable(films.readings),
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
        runs: Folder for checkpoints and decoded films; the latter are removed at the end.
        data: Folder to use instead of the recipe's sources.
        extra: Folder of additional training films.
        init: Starting weights to use instead of the recipe's.
        device: Device to train on.
        resume: Whether to continue from the last checkpoint.
        workers: Number of processes that prepare films.

    Returns:
        The figures; empty in all processes but the main one.

    Raises:
        InvalidRequest: If the computer does not have the device.
        UnusableData: If films or starting weights are missing or do not fit.
        ModelUnavailable: If a model that the recipe needs cannot be loaded.
    """
    require_models(recipe, init)
    films, folder = dataset(recipe, data, extra), runs / recipe.name
    if recipe.members:
        films = films.readable()
        return release_ensemble(recipe, films, _facts(films, device))
    if not resume:
        (folder / "checkpoint.pt").unlink(missing_ok=True)
    if recipe.architecture in DETECTORS:
        films = films.readable()
        run = _fitted(recipe, films, folder, init, device, resume, workers)
    else:
        accelerator = accelerator_on(device, recipe.half)
        decoded = DecodedFilms(folder / "films", recipe.input_size)
        if not resume and accelerator.is_main_process:
            shutil.rmtree(decoded.folder, ignore_errors=True)
        accelerator.wait_for_everyone()
        films = readable_films(films, decoded, accelerator)
        run = train_recipe(
            recipe, films, folder / "checkpoint.pt", decoded, accelerator, init=init, workers=workers
        )
    if not PartialState().is_main_process:
        return {}
    shutil.rmtree(folder / "films", ignore_errors=True)
    return release(recipe, run, films, _facts(films, device))


def _facts(films: Dataset, device: str) -> dict[str, Any]:
    return {
        "learning_films": len(films.learning),
        "helping_films": len(films.helping),
        "machine": f"{device} ({platform.machine()}, {torch.get_num_threads()} threads)",
        "torch": torch.__version__,
    }


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
    decoded: DecodedFilms,
    accelerator: Accelerator,
    *,
    init: Path | None = None,
    workers: int = 0,
) -> Run:
    """Train the network of a recipe through all stages, continuing from an existing checkpoint."""
    torch.manual_seed(recipe.seed)
    module = start(recipe, init).to(accelerator.device)
    average = averaged(module, recipe.ema_decay).to(accelerator.device)
    run = Run(module, average, teacher_of(recipe, module, accelerator.device))
    train(
        recipe,
        run,
        load_films(recipe, films.learning, decoded),
        load_films(recipe, films.helping, decoded) if films.helping else None,
        load_films(recipe, films.held_out, decoded),
        checkpoint=checkpoint,
        accelerator=accelerator,
        workers=workers,
    )
    return run
