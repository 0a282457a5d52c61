"""Training loop: stages, a moving average of the weights, and a checkpoint after every epoch."""

from __future__ import annotations

import copy
import time
from dataclasses import dataclass, field
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import numpy as np
import torch
from accelerate import Accelerator
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.optim import AdamW, Optimizer
from torch.optim.lr_scheduler import LRScheduler, OneCycleLR
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from torch.utils.data import DataLoader, Dataset
from tqdm import tqdm

from xray.errors import UnusableData
from xray.models.classifier import normalize, resize
from xray.train.augment import film_augmentation
from xray.train.distil import Teacher, feature_maps
from xray.train.losses import loss_of, mixup, weights_of
from xray.train.pose import posed
from xray.train.recipes.recipe import Recipe, Stage

Films = tuple[Tensor, NDArray[np.float32]]


class Augmented(Dataset[tuple[Tensor, Tensor]]):
    """Films, uint8 (n, 1, S, S), and targets (n, K), with random augmentation of every film."""

    def __init__(self, films: Films, recipe: Recipe) -> None:
        self.pixels, self.targets = films[0], torch.from_numpy(films[1])
        self.recipe = recipe
        self.augment = film_augmentation(self.pixels.shape[-1], recipe.coarsest)

    def __len__(self) -> int:
        return len(self.pixels)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        film, target = self.augment(self.pixels[index]), self.targets[index]
        return posed(film, target, self.recipe.findings) if self.recipe.posed else (film, target)


@dataclass
class Run:
    """State of a training run, as stored in a checkpoint.

    Attributes:
        module: The network.
        average: Moving average of its weights.
        teacher: Teacher with the student's projector.
        best: Best moving average of the current stage, by validation loss.
        history: Stage and losses of each epoch.
        seconds: Training time.
    """

    module: nn.Module
    average: AveragedModel
    teacher: Teacher | None = None
    best: dict[str, Tensor] = field(default_factory=dict)
    history: list[dict[str, float | str]] = field(default_factory=list)
    seconds: float = 0.0

    def state(self) -> dict[str, Any]:
        """Return the content of a checkpoint."""
        return {
            "module": self.module.state_dict(),
            "average": self.average.state_dict(),
            "projector": self.teacher.projector.state_dict() if self.teacher else {},
            "best": self.best,
            "history": self.history,
            "seconds": self.seconds,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Load the content of a checkpoint."""
        self.module.load_state_dict(state["module"])
        self.average.load_state_dict(state["average"])
        if self.teacher:
            self.teacher.projector.load_state_dict(state["projector"])
        self.best, self.history, self.seconds = state["best"], state["history"], state["seconds"]


def averaged(module: nn.Module, decay: float) -> AveragedModel:
    """Return an exponential moving average of a network."""
    return AveragedModel(module, multi_avg_fn=get_ema_multi_avg_fn(decay), use_buffers=True)


@torch.inference_mode()
def logits_of(module: nn.Module, pixels: Tensor, normalization: str, device: str, size: int) -> Tensor:
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
    device: str = "cpu",
    workers: int = 0,
) -> None:
    """Train through all stages, with a checkpoint after each epoch; continue from an existing checkpoint.

    The random numbers of an epoch depend only on the seed and its number, so a resumed run equals an
    uninterrupted one. Each stage ends with the moving average that has the lowest validation loss. Several
    processes (torchrun or accelerate launch) share the films of every epoch.

    Args:
        recipe: The recipe.
        run: The run, which is updated.
        films: Training films, uint8 (n, 1, S, S), and targets (n, K).
        helpers: Additional films for stages with helpers.
        validation: Validation films and targets.
        checkpoint: Path of the checkpoint.
        device: Device to train on.
        workers: Number of processes that prepare films.

    Raises:
        UnusableData: If the checkpoint does not fit.
    """
    saved = restored(run, checkpoint, device) if checkpoint.is_file() else {}
    accelerator = Accelerator(cpu=device == "cpu", mixed_precision="bf16" if recipe.half else "no")
    for number, stage in enumerate(recipe.stages):
        done = [epoch for epoch in run.history if epoch["stage"] == stage.name]
        if finished(done, stage):
            continue
        if not done and number:
            load_best(run)
        seen = joined(films, helpers) if stage.helpers and helpers else films
        enough = len(seen[1]) > recipe.batch
        loader = DataLoader(
            Augmented(seen, recipe), recipe.batch, shuffle=True, drop_last=enough, num_workers=workers
        )
        weights = weights_of(seen[1], recipe.activation).to(accelerator.device)
        check = weights_of(films[1], recipe.activation)
        size, followed = stage.size or recipe.input_size, recipe.followed_at or recipe.target_layer
        module, loader = accelerator.prepare(run.module, loader)
        optimizer, schedule = optimizer_of(run, stage, len(loader))
        if done:
            optimizer.load_state_dict(saved["optimizer"])
            schedule.load_state_dict(saved["schedule"])
        while not finished(done, stage):
            seed = recipe.seed * 1000 + len(run.history)
            torch.manual_seed(seed)
            generator = np.random.default_rng(seed)
            title, began = f"{stage.name} {len(done) + 1}/{stage.epochs}", time.monotonic()
            module.train()
            losses = []
            for batch, targets in tqdm(
                loader, desc=title, unit="batch", disable=not accelerator.is_main_process
            ):
                if generator.random() < stage.mixup:
                    batch, targets = mixup(batch, targets, float(generator.beta(0.3, 0.3)))
                with accelerator.autocast(), feature_maps(run.module.get_submodule(followed)) as grid:
                    logits = module(
                        normalize(resize(batch, size), recipe.normalization).contiguous(
                            memory_format=torch.channels_last
                        )
                    ).float()
                    loss = stage.labels * loss_of(
                        logits, targets, recipe.activation, weights, recipe.label_smoothing
                    )
                    if stage.teacher and run.teacher:
                        loss = loss + stage.teacher * run.teacher.loss(batch, logits, grid[-1])
                losses.append(step(accelerator, run, loss, optimizer, schedule))
            logits = logits_of(run.average.module, validation[0], recipe.normalization, device, size)
            held_out = loss_of(logits, torch.from_numpy(validation[1]), recipe.activation, check).item()
            if all(held_out < float(epoch["validation_loss"]) for epoch in done):
                run.best = copy.deepcopy(run.average.module.state_dict())
            done.append({"stage": stage.name, "loss": float(np.mean(losses)), "validation_loss": held_out})
            run.history.append(done[-1])
            run.seconds += time.monotonic() - began
            if accelerator.is_main_process:
                tqdm.write(f"{title}: loss {done[-1]['loss']:.4f}, validation {held_out:.4f}")
                save(
                    checkpoint,
                    {
                        "run": run.state(),
                        "optimizer": optimizer.state_dict(),
                        "schedule": schedule.state_dict(),
                    },
                )
        accelerator.free_memory()
    load_best(run)


def finished(done: list[dict[str, float | str]], stage: Stage) -> bool:
    """Return whether a stage has reached its number of epochs or its patience."""
    values = [float(epoch["validation_loss"]) for epoch in done]
    if len(values) >= stage.epochs:
        return True
    return bool(values and stage.patience and len(values) - 1 - int(np.argmin(values)) >= stage.patience)


def load_best(run: Run) -> None:
    """Load the best average of the previous stage into the network and its average."""
    if run.best:
        run.module.load_state_dict(run.best)
        run.average.module.load_state_dict(run.best)


def joined(films: Films, helpers: Films) -> Films:
    """Concatenate two sets of films."""
    return torch.cat([films[0], helpers[0]]), np.concatenate([films[1], helpers[1]])


def step(
    accelerator: Accelerator, run: Run, loss: Tensor, optimizer: Optimizer, schedule: LRScheduler
) -> float:
    """Update the network and its average once; return the loss."""
    optimizer.zero_grad()
    accelerator.backward(loss)
    nn.utils.clip_grad_norm_(run.module.parameters(), 5.0)
    optimizer.step()
    schedule.step()
    run.average.update_parameters(run.module)
    return loss.item()


def restored(run: Run, checkpoint: Path, device: str) -> dict[str, Any]:
    """Restore a run from its checkpoint.

    Raises:
        UnusableData: If the checkpoint is damaged or belongs to another recipe.
    """
    try:
        saved: dict[str, Any] = torch.load(checkpoint, map_location=device, weights_only=True)
        run.restore(saved["run"])
    except (RuntimeError, KeyError, EOFError, UnpicklingError) as error:
        raise UnusableData(
            f"{checkpoint.name} is damaged or belongs to another recipe.",
            hint="Start again without --resume.",
        ) from error
    return saved


def save(checkpoint: Path, state: dict[str, Any]) -> None:
    """Write aside and rename, so a stop in the middle leaves the last whole checkpoint."""
    checkpoint.parent.mkdir(parents=True, exist_ok=True)
    aside = checkpoint.with_suffix(".part")
    torch.save(state, aside)
    aside.replace(checkpoint)


def optimizer_of(run: Run, stage: Stage, steps: int) -> tuple[Optimizer, LRScheduler]:
    """Create the optimizer and the learning rate schedule of a stage and freeze the other parameters."""
    for name, parameter in run.module.named_parameters():
        parameter.requires_grad_(not stage.trainable or name.startswith(stage.trainable))
    learning = [parameter for parameter in run.module.parameters() if parameter.requires_grad]
    if stage.teacher and run.teacher:
        learning += run.teacher.projector.parameters()
    optimizer = AdamW(learning, stage.learning_rate, weight_decay=stage.weight_decay)
    schedule = OneCycleLR(optimizer, stage.learning_rate, total_steps=stage.epochs * steps, pct_start=0.15)
    return optimizer, schedule
