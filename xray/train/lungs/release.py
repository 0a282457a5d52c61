"""Release of the lung network: weights, registry entry and figures."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import torch
from torch import nn

from xray.imaging.lungs import lungs_from
from xray.models.lungs import LUNGS, SIZE, find_lungs, load_lungs, probabilities_of
from xray.models.registry import SegmentationEntry, registry_file, segmentation_entry, write_entry
from xray.models.weights import encode_weights
from xray.settings import settings
from xray.train.bootstrap import estimates, resampled
from xray.train.data import read_dataset
from xray.train.film import Film
from xray.train.lungs.augment import MaskedFilm
from xray.train.lungs.card import card
from xray.train.lungs.films import MASKS, REGIONS, LungFilm, films_without_lungs, masked_films
from xray.train.lungs.fit import dice_on
from xray.train.metrics import mean_of, wilson
from xray.train.public_data import collection_folder, folder_name
from xray.train.run import Run
from xray.train.sources import spread
from xray.types import Lungs

MOST = 100  # films of each collection
CHESTS = {  # chest films without masks: folder and description
    "chest": "chest films, NIH ChestX-ray14 (official test films)",
    "chest128": "chest films, NIH ChestX-ray14 at 128 px (official test films)",
    "pneumonia": "chest films of children, Kermany et al. (test films)",
}
STRANGERS = "data/strangers"


def release(run: Run, films: Mapping[str, int]) -> dict[str, Any]:
    """Write weights, registry entry, figures (JSON) and card; the figures are those of the stored weights.

    Args:
        run: The finished training run.
        films: Number of training films by kind.

    Returns:
        The figures.
    """
    content, path = encode_weights(run.average.module), registry_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    entry = SegmentationEntry(
        id=LUNGS,
        title="Lungs · U-Net",
        architecture="small_unet",
        weights=f"{LUNGS}.safetensors",
        sha256=hashlib.sha256(content).hexdigest(),
        input_size=SIZE,
        trained_on="chest films with lung masks of Montgomery County (Jaeger et al. 2014, Candemir et al. "
        "2014), simulated chests, and films without lungs",
        licence="weights AGPL-3.0-or-later; films NLM (attribute the source, cite Jaeger 2014 and Candemir "
        "2014), CC BY 4.0, CC BY-SA 4.0, CC0",
    )
    (path.parent / entry.weights).write_bytes(content)
    write_entry(entry, path)
    facts = {
        "films": dict(films),
        "epochs": run.history,
        "seconds": round(run.seconds),
        "machine": f"cpu ({platform.machine()}, {torch.get_num_threads()} threads)",
        "torch": torch.__version__,
    }
    figures = facts | lungs_figures()
    (path.parent / f"{LUNGS}.json").write_text(f"{json.dumps(figures, indent=1)}\n", encoding="utf-8")
    (path.parent / f"{LUNGS}.md").write_text(card(figures), encoding="utf-8")
    return figures


def lungs_figures() -> dict[str, Any]:
    """Measure the registered network.

    Returns:
        `weights_sha256`, `validation` and `test` (see accuracy()), and `elsewhere`: a row of undetermined()
        for each collection that is on this computer.

    Raises:
        UnusableData: If the films with masks are missing.
        ModelUnavailable: If the network cannot be loaded.
    """
    root = settings().training_data
    _, held_out, test = masked_films(collection_folder(MASKS, root))
    return {
        "weights_sha256": segmentation_entry(LUNGS).sha256,
        "validation": accuracy(held_out),
        "test": accuracy(test),
        "elsewhere": [undetermined(name, films) for name, films in collections()],
    }


def accuracy(films: list[LungFilm]) -> dict[str, Any]:
    """Measure films with masks.

    Returns:
        `n`, `patients`, and `metrics` by name with their 95% intervals: `dice`, `iou` and `determined`.
    """
    module, read = load_lungs(), [film.with_masks() for film in films]
    dice = np.array([dice_on(module, film) for film in read])
    known = np.array([lungs_on(module, film).determined for film in read], float)
    values = {"dice": dice, "iou": dice / (2 - dice), "determined": known}
    patients = [film.patient for film in films]

    return {
        "n": len(films),
        "patients": len(set(patients)),
        "metrics": estimates({name: mean_of(value) for name, value in values.items()}, resampled(patients)),
    }


def lungs_on(module: nn.Module, film: MaskedFilm) -> Lungs:
    """Find the lungs on a film with masks."""
    height, width = film.pixels.shape
    pixels = film.pixels.astype(np.float32) / np.float32(255)
    return lungs_from(probabilities_of(module, pixels), (height, width))


def collections() -> Iterator[tuple[str, list[Film]]]:
    """Yield the collections that are on this computer: their description and at most MOST of their films."""
    root = settings().training_data
    for folder, name in CHESTS.items():
        if (root / "data" / folder).is_dir():
            films = read_dataset(root / "data" / folder)
            yield name, spread([film for film in films if film.split == "test"], MOST)
    if (root / folder_name(REGIONS)).is_dir():
        yield (
            "other regions and CT, unseen collections",
            spread(films_without_lungs(collection_folder(REGIONS, root), unseen=True), MOST),
        )
        shoulders = [
            film for film in read_dataset(collection_folder(REGIONS, root)) if "shoulder" in film.labels
        ]
        yield "shoulders, with a part of a lung", spread(shoulders, MOST)
    if (root / STRANGERS).is_dir():
        yield (
            "CT, MR, ultrasound, dental films, pages, photographs",
            spread(read_dataset(root / STRANGERS), MOST),
        )


def undetermined(name: str, films: Iterable[Film]) -> dict[str, Any]:
    """Count the films whose lungs are undetermined, with Wilson's 95% interval."""
    found = [find_lungs(film.read()).determined for film in films]
    count, n = found.count(False), len(found)
    low, high = wilson(count, n)
    return {
        "films": name,
        "n": n,
        "undetermined": count / n,
        "low": low,
        "high": high,
    }
