"""State of a training run and its checkpoints."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from xray.errors import UnusableData
from xray.train.distil import Teacher


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

    def load_best(self) -> None:
        """Load the best average of the previous stage, if any, into the network and its average."""
        if self.best:
            self.module.load_state_dict(self.best)
            self.average.module.load_state_dict(self.best)


def averaged(module: nn.Module, decay: float) -> AveragedModel:
    """Return an exponential moving average of a network."""
    return AveragedModel(module, multi_avg_fn=get_ema_multi_avg_fn(decay), use_buffers=True)


def restored(run: Run, checkpoint: Path, device: torch.device) -> dict[str, Any]:
    """Restore a run from its checkpoint and return the content of the checkpoint.

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
    """Write a checkpoint to a temporary file and rename it, so that a crash keeps the previous one."""
    checkpoint.parent.mkdir(parents=True, exist_ok=True)
    temporary = checkpoint.with_suffix(".part")
    torch.save(state, temporary)
    temporary.replace(checkpoint)
