"""Training loop: all stages of a recipe, with validation and a checkpoint after every epoch."""

from __future__ import annotations

import copy
import time
from pathlib import Path

import numpy as np
import torch
from accelerate import Accelerator
from accelerate.utils import broadcast_object_list
from torch import Tensor, nn
from tqdm import tqdm

from xray.errors import InvalidRequest
from xray.models.classifier import normalize, resize
from xray.train.augment import Films, joined
from xray.train.losses import drawing_weights, loss_of, weights_of
from xray.train.recipes.recipe import Recipe, Stage
from xray.train.refit import refit
from xray.train.run import Run, restored, save
from xray.train.stage import StageTraining


def accelerator_on(device: str, half: bool = False) -> Accelerator:
    """Return the accelerator of this process, which chooses the device: under torchrun, a GPU per process.

    Args:
        device: `cpu`, `cuda` or `mps`.
        half: Whether to train in bfloat16 where the device computes in it.

    Raises:
        InvalidRequest: If the computer does not have the device.
    """
    half = half and computes_in_bfloat16(device)
    accelerator = Accelerator(cpu=device == "cpu", mixed_precision="bf16" if half else "no")
    if accelerator.device.type != device:
        raise InvalidRequest(f"This computer has no {device} device.", hint="Choose --device cpu.")
    return accelerator


def computes_in_bfloat16(device: str) -> bool:
    """Return whether a device has instructions for bfloat16; emulation takes many times as long."""
    if device == "cpu":
        return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())
    return device == "cuda" and torch.cuda.is_bf16_supported()


@torch.inference_mode()
def logits_of(
    module: nn.Module, pixels: Tensor, normalization: str, device: torch.device | str, size: int
) -> Tensor:
    """Compute logits (n, K) of films, uint8 (n, 1, S, S), resized to the given side in px."""
    module.eval()
    parts = [
        module(normalize(resize(part.to(device).float() / 255, size), normalization)).float().cpu()
        for part in pixels.split(64)
    ]
    return torch.cat(parts)


def train(
    recipe: Recipe,
    run: Run,
    films: Films,
    helpers: Films | None,
    validation: Films,
    *,
    checkpoint: Path,
    accelerator: Accelerator,
    workers: int = 0,
) -> None:
    """Train through all stages, with a checkpoint after each epoch; continue from an existing checkpoint.

    The random numbers of an epoch depend only on the seed and its number, so a resumed run equals an
    uninterrupted one. Each stage ends with the moving average that has the lowest validation loss. Several
    processes (torchrun or accelerate launch) share the films of every epoch; the main process validates.

    Args:
        recipe: The recipe.
        run: The run on the accelerator's device, which is updated.
        films: Training films, uint8 (n, 1, S, S), and targets (n, K).
        helpers: Additional films for stages with helpers.
        validation: Validation films and targets.
        checkpoint: Path of the checkpoint.
        accelerator: See accelerator_on().
        workers: Number of processes that prepare films.

    Raises:
        UnusableData: If the checkpoint does not fit.
    """
    saved = restored(run, checkpoint, accelerator.device) if checkpoint.is_file() else {}
    weights = weights_of(films.targets, recipe.activation, balanced=recipe.balanced)
    for number, stage in enumerate(recipe.stages):
        done = [epoch for epoch in run.history if epoch["stage"] == stage.name]
        if finished(done, stage):
            continue
        if not done and number:
            run.load_best()
        seen = joined(films, helpers) if stage.helpers and helpers else films
        training = StageTraining(recipe, stage, run, seen, accelerator, workers)
        if done:
            training.optimizer.load_state_dict(saved["optimizer"])
            training.schedule.load_state_dict(saved["schedule"])
        while not finished(done, stage):
            title, began = f"{stage.name} {len(done) + 1}/{stage.epochs}", time.monotonic()
            loss = training.epoch(recipe.seed * 1000 + len(run.history), title)
            held_out = 0.0
            if accelerator.is_main_process:
                held_out = _validation_loss(run, recipe, validation, training.size, weights, accelerator)
            held_out = broadcast_object_list([held_out])[0]
            if all(held_out < float(epoch["validation_loss"]) for epoch in done):
                run.best = copy.deepcopy(run.average.module.state_dict())
            done.append({"stage": stage.name, "loss": loss, "validation_loss": held_out})
            run.history.append(done[-1])
            run.seconds += time.monotonic() - began
            if accelerator.is_main_process:
                tqdm.write(f"{title}: loss {loss:.4f}, validation {held_out:.4f}")
                save(
                    checkpoint,
                    {
                        "run": run.state(),
                        "optimizer": training.optimizer.state_dict(),
                        "schedule": training.schedule.state_dict(),
                    },
                )
        accelerator.free_memory()
    run.load_best()
    if recipe.refit:
        refit(run.module, recipe, films)
        run.average.module.load_state_dict(run.module.state_dict())


def finished(done: list[dict[str, float | str]], stage: Stage) -> bool:
    """Return whether a stage has reached its number of epochs or its patience."""
    values = [float(epoch["validation_loss"]) for epoch in done]
    if len(values) >= stage.epochs:
        return True
    return bool(values and stage.patience and len(values) - 1 - int(np.argmin(values)) >= stage.patience)


def _validation_loss(
    run: Run, recipe: Recipe, films: Films, size: int, weights: Tensor, accelerator: Accelerator
) -> float:
    logits = logits_of(run.average.module, films.pixels, recipe.normalization, accelerator.device, size)
    drawn = None
    if recipe.balanced and recipe.activation == "sigmoid":
        drawn = torch.from_numpy(drawing_weights(films.targets, films.groups, recipe.activation)).float()
    targets = torch.from_numpy(films.targets)
    return loss_of(logits, targets, recipe.activation, weights, films=drawn).item()
