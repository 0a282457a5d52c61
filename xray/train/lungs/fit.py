"""Training of the lung network on random variants of its films, with a checkpoint after every epoch."""

from __future__ import annotations

import copy
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional
from torch.optim import Optimizer
from torch.optim.lr_scheduler import OneCycleLR
from torch.utils.data import DataLoader, Dataset
from tqdm import tqdm

from xray.models.classifier import normalize
from xray.models.lungs import SIZE, probabilities_of
from xray.models.unet import SmallUNet
from xray.train.lungs.augment import MaskedFilm, augmented, posed
from xray.train.run import Run, averaged, restored, save

SEED = 1
STEPS, BATCH = 100, 8
WEIGHT_DECAY, AVERAGING = 1e-4, 0.99
GENTLE = 0.2  # strength of the only change of a nearly unchanged film, its pose


@dataclass(frozen=True)
class Cycle:
    """One cycle of the learning rate.

    Attributes:
        epochs: Number of epochs.
        learning_rate: Peak learning rate.
        plain: Share of nearly unchanged films.
    """

    epochs: int
    learning_rate: float
    plain: float = 0.0


CYCLES = (Cycle(8, 4e-3), Cycle(5, 3e-3, plain=0.3))


class Variants(Dataset[tuple[Tensor, Tensor]]):
    """Random variants of films for one epoch; the same ones for the same epoch.

    Args:
        groups: Films, and the share of the variants that is made of them.
        epoch: Number of the epoch, from 0.
        plain: Share of nearly unchanged films.
    """

    def __init__(
        self, groups: Sequence[tuple[Sequence[MaskedFilm], float]], epoch: int, plain: float = 0.0
    ) -> None:
        self.groups, self.epoch, self.plain = groups, epoch, plain
        self.shares = np.array([share for _, share in groups])

    def __len__(self) -> int:
        return STEPS * BATCH

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        """A film (1, S, S) and its masks (2, S, S)."""
        generator = np.random.default_rng((SEED, self.epoch, index))
        films = self.groups[int(generator.choice(len(self.shares), p=self.shares))][0]
        film = films[int(generator.integers(len(films)))]
        if self.plain and generator.random() < self.plain:
            film = posed(film, SIZE, generator, GENTLE)
        else:
            film = augmented(film, SIZE, generator)
        pixels, masks = (np.ascontiguousarray(values, np.float32) for values in film)
        return torch.from_numpy(pixels)[None], torch.from_numpy(masks)


def fit(
    groups: Sequence[tuple[Sequence[MaskedFilm], float]],
    validation: Sequence[MaskedFilm],
    checkpoint: Path,
    workers: int = 0,
) -> Run:
    """Train the network, continuing from an existing checkpoint; the run ends with its best average.

    Args:
        groups: Training films, and the share of each batch that is made of them.
        validation: Films that choose the epoch, by the mean Dice coefficient.
        checkpoint: Path of the checkpoint.
        workers: Number of processes that prepare films.
    """
    torch.manual_seed(SEED)
    module = SmallUNet(2).to(memory_format=torch.channels_last)
    run = Run(module, averaged(module, AVERAGING))
    saved = restored(run, checkpoint, torch.device("cpu")) if checkpoint.is_file() else {}
    first = 0
    for cycle in CYCLES:
        end = first + cycle.epochs
        optimizer = torch.optim.AdamW(module.parameters(), weight_decay=WEIGHT_DECAY)
        schedule = OneCycleLR(
            optimizer, cycle.learning_rate, total_steps=cycle.epochs * STEPS, pct_start=0.15
        )
        if saved and first < len(run.history) < end:
            optimizer.load_state_dict(saved["optimizer"])
            schedule.load_state_dict(saved["schedule"])
        while len(run.history) < end:
            epoch(
                run, Variants(groups, len(run.history), cycle.plain), validation, optimizer, schedule, workers
            )
            save(
                checkpoint,
                {"run": run.state(), "optimizer": optimizer.state_dict(), "schedule": schedule.state_dict()},
            )
        first = end
    run.load_best()
    run.average.eval()
    return run


def epoch(
    run: Run,
    variants: Variants,
    validation: Sequence[MaskedFilm],
    optimizer: Optimizer,
    schedule: OneCycleLR,
    workers: int,
) -> None:
    """Train one epoch and evaluate the moving average of the weights on validation films."""
    began, losses, number = time.monotonic(), [], len(run.history) + 1
    run.module.train()
    films = DataLoader(variants, BATCH, num_workers=workers)
    for pixels, masks in tqdm(films, desc=f"epoch {number}", leave=False):
        optimizer.zero_grad()
        loss = loss_of(run.module(normalize(pixels, "film")[:, :1]), masks)
        loss.backward()
        optimizer.step()
        schedule.step()
        run.average.update_parameters(run.module)
        losses.append(loss.item())
    run.average.eval()
    found = float(np.mean([dice_on(run.average.module, film) for film in validation]))
    if all(found > float(before["validation_dice"]) for before in run.history):
        run.best = copy.deepcopy(run.average.module.state_dict())
    run.history.append({"loss": float(np.mean(losses)), "validation_dice": found})
    run.seconds += time.monotonic() - began
    tqdm.write(f"epoch {number}: loss {np.mean(losses):.4f}, validation Dice {found:.4f}")


def loss_of(logits: Tensor, masks: Tensor) -> Tensor:
    """Cross-entropy plus one minus the soft Dice coefficient of each lung over the batch, (n, 2, S, S)."""
    probabilities = logits.sigmoid()
    common, sizes = (values.sum((0, 2, 3)) for values in (probabilities * masks, probabilities + masks))
    return functional.binary_cross_entropy_with_logits(logits, masks) + (1 - 2 * common / (sizes + 1)).mean()


def dice(found: NDArray[np.bool_], truth: NDArray[np.bool_]) -> float:
    """Dice coefficient of two masks; 1 if both are empty."""
    total = int(found.sum() + truth.sum())
    return 2 * int((found & truth).sum()) / total if total else 1.0


def dice_on(module: nn.Module, film: MaskedFilm) -> float:
    """Dice coefficient of both lungs together on a film, uint8, at its full size."""
    pixels = film.pixels.astype(np.float32) / np.float32(255)
    found = cv2.resize(probabilities_of(module, pixels).max(0), pixels.shape[::-1]) >= 0.5
    return dice(found, film.masks.max(0) > 127)
