"""Make a model from a recipe: start from given weights, train, release, measure on films never seen."""

from __future__ import annotations

import platform
from pathlib import Path
from typing import Any

import torch
from torch import nn

from xray.errors import UnusableData
from xray.models.architectures import build
from xray.models.weights import decode_weights
from xray.train.data import load_pixels, read_dataset, split_by_patient, targets_of
from xray.train.evaluate import films_of_split
from xray.train.loop import Run, averaged, train
from xray.train.recipes import Recipe
from xray.train.release import release


def start(recipe: Recipe, init: Path) -> nn.Module:
    """The recipe's network, its body filled from starting weights, its head new. Raises UnusableData."""
    try:
        given = decode_weights(init.read_bytes())
    except OSError as error:
        raise UnusableData(
            f"The starting weights {init.name} are missing.",
            hint="Give them with --init FILE, or set XRAY_SHARED_DIR to the folder that has init/ and data/.",
        ) from error
    module = build(recipe.architecture, len(recipe.findings))
    own = module.state_dict()
    fitting = {name: value for name, value in given.items() if name in own and own[name].shape == value.shape}
    if not fitting:
        raise UnusableData(
            f"{init.name} does not fit {recipe.architecture}.", hint=f"Give weights of {recipe.architecture}."
        )
    module.load_state_dict(own | fitting)
    return module.to(memory_format=torch.channels_last)


def make(
    recipe: Recipe,
    data: Path,
    init: Path,
    runs: Path,
    *,
    device: str = "cpu",
    resume: bool = False,
    workers: int = 0,
) -> dict[str, Any]:
    """Run a recipe to its end, write the model into the weights folder and return its test figures.

    Films of split `test` are only measured on; validation films are those of a share of the other patients.
    Raises UnusableData.
    """
    _, test = films_of_split(data, "test")
    films = [film for film in read_dataset(data) if film.split != "test"]
    learning, held_out = split_by_patient(films, recipe.validation_share, recipe.seed)
    if not learning or not held_out:
        raise UnusableData(f"{data.name} has too few patients to split.", hint="Add films or patient_id.")
    prepared = [
        (load_pixels(part, recipe.input_size, what), targets_of(part, recipe.findings))
        for part, what in ((learning, "training films"), (held_out, "validation films"))
    ]
    torch.manual_seed(recipe.seed)
    module = start(recipe, init).to(device)
    run = Run(module, averaged(module, recipe.ema_decay).to(device))
    checkpoint = runs / recipe.name / "checkpoint.pt"
    if not resume:
        checkpoint.unlink(missing_ok=True)
    train(recipe, run, *prepared, checkpoint=checkpoint, device=device, workers=workers)
    facts = {
        "learning_films": len(learning),
        "machine": f"{device} ({platform.machine()}, {torch.get_num_threads()} threads)",
        "torch": torch.__version__,
    }
    return release(recipe, run, held_out, test, facts)
