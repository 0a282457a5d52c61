"""Train the lung network, release it and measure it on test films."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from xray.settings import settings
from xray.train.lungs.films import (
    MASKS,
    REGIONS,
    SIMULATED,
    empty,
    films_without_lungs,
    masked_films,
    simulated,
)
from xray.train.lungs.fit import fit
from xray.train.lungs.release import release
from xray.train.public_data import collection_folder

SHARES = {"masked": 0.6, "simulated": 0.15, "empty": 0.25}  # of the training films of an epoch


def make(runs: Path, *, resume: bool = False, workers: int = 0) -> dict[str, Any]:
    """Train the network, write it to the weights folder and measure it.

    Args:
        runs: Folder for the checkpoint.
        resume: Whether to continue from the last checkpoint.
        workers: Number of processes that prepare films.

    Returns:
        The figures.

    Raises:
        UnusableData: If films or masks are missing or do not fit.
    """
    root, checkpoint = settings().training_data, runs / "lungs-unet" / "checkpoint.pt"
    if not resume:
        checkpoint.unlink(missing_ok=True)
    learning, held_out, _ = masked_films(collection_folder(MASKS, root))
    films = {
        "masked": [film.with_masks() for film in learning],
        "simulated": list(simulated(range(1, 1 + SIMULATED))),
        "empty": list(empty(films_without_lungs(collection_folder(REGIONS, root), unseen=False))),
    }
    groups = [(films[name], share) for name, share in SHARES.items()]
    run = fit(groups, [film.with_masks() for film in held_out], checkpoint, workers)
    return release(run, {name: len(group) for name, group in films.items()})
