"""One plain training loop: stages, a moving average of the weights, a checkpoint after every epoch."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.optim import AdamW, Optimizer
from torch.optim.lr_scheduler import LRScheduler, OneCycleLR
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from torch.utils.data import DataLoader, Dataset
from tqdm import tqdm

from xray.errors import UnusableData
from xray.models.classifier import normalize
from xray.train.augment import film_augmentation
from xray.train.recipes import Recipe, Stage


class Augmented(Dataset[tuple[Tensor, int]]):
    """uint8 films (n, 1, S, S) and targets (n), each film changed anew at every visit."""

    def __init__(self, pixels: Tensor, targets: np.ndarray) -> None:
        self.pixels, self.targets = pixels, targets
        self.augment = film_augmentation(pixels.shape[-1])

    def __len__(self) -> int:
        return len(self.pixels)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        return self.augment(self.pixels[index]), int(self.targets[index])


@dataclass
class Run:
    """What a checkpoint holds: the network, its moving average, what each epoch gave, the time it took."""

    module: nn.Module
    average: AveragedModel
    history: list[dict[str, float | str]] = field(default_factory=list)
    seconds: float = 0.0

    def state(self) -> dict[str, Any]:
        return {
            "module": self.module.state_dict(),
            "average": self.average.state_dict(),
            "history": self.history,
            "seconds": self.seconds,
        }

    def restore(self, state: dict[str, Any]) -> None:
        self.module.load_state_dict(state["module"])
        self.average.load_state_dict(state["average"])
        self.history, self.seconds = state["history"], state["seconds"]


def averaged(module: nn.Module, decay: float) -> AveragedModel:
    return AveragedModel(module, multi_avg_fn=get_ema_multi_avg_fn(decay), use_buffers=True)


@torch.inference_mode()
def logits_of(module: nn.Module, pixels: Tensor, normalization: str, device: str, batch: int = 64) -> Tensor:
    """Logits (n, K) of uint8 films (n, 1, S, S)."""
    module.eval()
    parts = [
        module(normalize(part.to(device).float() / 255, normalization)).float().cpu()
        for part in pixels.split(batch)
    ]
    return torch.cat(parts)


def train(
    recipe: Recipe,
    run: Run,
    films: tuple[Tensor, np.ndarray],
    validation: tuple[Tensor, np.ndarray],
    *,
    checkpoint: Path,
    device: str = "cpu",
    workers: int = 0,
) -> None:
    """Run every stage, writing a checkpoint after each epoch; an existing checkpoint is gone on from.

    Every epoch draws its random numbers from the seed and its own number, so a resumed run sees what an
    uninterrupted one sees.
    """
    saved = restored(run, checkpoint, device) if checkpoint.is_file() else {}
    enough = len(films[1]) > recipe.batch
    loader = DataLoader(Augmented(*films), recipe.batch, shuffle=True, drop_last=enough, num_workers=workers)
    weights = class_weights(films[1], len(recipe.findings)).to(device)
    before = 0  # epochs of the stages before this one
    for stage in recipe.stages:
        first = min(max(0, len(run.history) - before), stage.epochs)
        if first < stage.epochs:
            optimizer, schedule = optimizer_of(run.module, stage, len(loader))
        if 0 < first < stage.epochs:
            optimizer.load_state_dict(saved["optimizer"])
            schedule.load_state_dict(saved["schedule"])
        for epoch in range(first, stage.epochs):
            torch.manual_seed(recipe.seed * 1000 + before + epoch)
            generator = np.random.default_rng(recipe.seed * 1000 + before + epoch)
            title, began = f"{stage.name} {epoch + 1}/{stage.epochs}", time.monotonic()
            run.module.train()
            losses = []
            for batch, targets in tqdm(loader, desc=title, unit="batch"):
                soft = functional.one_hot(targets, len(recipe.findings)).float()
                if generator.random() < stage.mixup:
                    batch, soft = mixed(batch, soft, float(generator.beta(0.3, 0.3)))
                logits = run.module(normalize(batch.to(device), recipe.normalization))
                loss = functional.cross_entropy(
                    logits, soft.to(device), weight=weights, label_smoothing=recipe.label_smoothing
                )
                losses.append(step(run, loss, optimizer, schedule))
            logits = logits_of(run.average.module, validation[0], recipe.normalization, device)
            held_out = functional.cross_entropy(logits, torch.from_numpy(validation[1])).item()
            run.history.append(
                {"stage": stage.name, "loss": float(np.mean(losses)), "validation_loss": held_out}
            )
            run.seconds += time.monotonic() - began
            tqdm.write(f"{title}: validation cross-entropy {held_out:.4f}")
            save(
                checkpoint,
                {"run": run.state(), "optimizer": optimizer.state_dict(), "schedule": schedule.state_dict()},
            )
        before += stage.epochs


def step(run: Run, loss: Tensor, optimizer: Optimizer, schedule: LRScheduler) -> float:
    """One update of the network and its average; the loss as a number."""
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(run.module.parameters(), 5.0)
    optimizer.step()
    schedule.step()
    run.average.update_parameters(run.module)
    return loss.item()


def restored(run: Run, checkpoint: Path, device: str) -> dict[str, Any]:
    """Bring a run to where its checkpoint was written. Raises UnusableData for one of another network."""
    try:
        saved: dict[str, Any] = torch.load(checkpoint, map_location=device, weights_only=True)
        run.restore(saved["run"])
    except (RuntimeError, KeyError, EOFError, UnpicklingError) as error:
        raise UnusableData(
            f"{checkpoint.name} is damaged or of another recipe.", hint="Start anew: leave --resume out."
        ) from error
    return saved


def save(checkpoint: Path, state: dict[str, Any]) -> None:
    """Write aside and rename, so a stop in the middle leaves the last whole checkpoint."""
    checkpoint.parent.mkdir(parents=True, exist_ok=True)
    aside = checkpoint.with_suffix(".part")
    torch.save(state, aside)
    aside.replace(checkpoint)


def optimizer_of(module: nn.Module, stage: Stage, steps: int) -> tuple[Optimizer, LRScheduler]:
    for name, parameter in module.named_parameters():
        parameter.requires_grad_(name.startswith(stage.trainable))
    learning = [parameter for parameter in module.parameters() if parameter.requires_grad]
    optimizer = AdamW(learning, stage.learning_rate, weight_decay=stage.weight_decay)
    schedule = OneCycleLR(optimizer, stage.learning_rate, total_steps=stage.epochs * steps, pct_start=0.15)
    return optimizer, schedule


def class_weights(targets: np.ndarray, findings: int) -> Tensor:
    """Weights (K) under which every finding counts the same, with mean 1 over the films."""
    counts = np.bincount(targets, minlength=findings)
    return torch.from_numpy(len(targets) / (findings * np.maximum(counts, 1))).float()


def mixed(films: Tensor, targets: Tensor, share: float) -> tuple[Tensor, Tensor]:
    """Each film and its target blended with another's (mixup, Zhang et al. 2018, arXiv:1710.09412)."""
    other = torch.randperm(len(films), device=films.device)
    return share * films + (1 - share) * films[other], share * targets + (1 - share) * targets[other]
