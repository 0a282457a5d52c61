"""Release of the lung network: weights, registry entry, figures and card."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import torch
from torch import nn

from xray import NOTICE
from xray.imaging.lungs import lungs_from
from xray.models.lungs import LUNGS, SIZE, find_lungs, load_lungs, probabilities_of
from xray.models.registry import SegmentationEntry, registry_file, segmentation_entry, write_entry
from xray.models.weights import encode_weights
from xray.settings import settings
from xray.train.bootstrap import RESAMPLES, Estimate, estimates, resampled
from xray.train.data import read_dataset
from xray.train.external_table import table_rows
from xray.train.film import Film
from xray.train.lungs.augment import MaskedFilm
from xray.train.lungs.films import MASKS, REGIONS, LungFilm, films_without_lungs, masked_films
from xray.train.lungs.fit import BATCH, CYCLES, SEED, STEPS, dice_on
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

CARD = """# {title}

{notice}

| | |
|---|---|
| id | `{id}` |
| output | probability of the lung on the left of the image, and of the other, at every pixel |
| trained on | {trained_on} |
| licence | {licence} |
| architecture | {architecture}, input {size} x {size} px, normalization `film` |
| weights | `{weights}`, sha256 `{sha256}` |

The lungs are determined if both are found as one part each, with a plausible size and position and a sure
border (see `xray/imaging/lungs.py`). Sides are those of the patient on an upright frontal film in the usual
display: the right lung is on the left of the image.

## Figures

| | validation | test |
|---|---|---|
{accuracy}

Dice coefficient and IoU of both lungs together, per film at 320 x 320 px, mean with 95% confidence interval
(bootstrap over patients, {resamples} resamples); the share of the films whose lungs are determined. Command:
`python -m xray lungs-figures --json`.

Films without masks, and films without lungs:

| films | n | lungs undetermined |
|---|---|---|
{elsewhere}

The films of these collections were not used in training, except that films without lungs of other collections
were. 95% intervals after Wilson.

## Training

`python -m xray train-lungs`: {learning} films of Montgomery County, {simulated} simulated chests with their
lungs, and {empty} films of other body regions and pictures without lungs. {validation} other films of
Montgomery County were used for validation and {test} for test, split by patient (seed {seed}). The epoch
was chosen by the Dice coefficient on validation films, nothing on test films. {cycles} epochs of
{steps} steps of {batch} films, AdamW, moving average of the weights. {minutes} minutes on {machine}.

- Films are rotated, zoomed, cropped, stretched, mirrored, re-exposed and blurred, reduced down to 64 px, and
  get letters, wires and black borders in training.
- Opacities and effusions are painted into the lungs, and random places are hidden, without a change of the
  masks: a consolidated lung counts as lung.
- Heart, mediastinum and the lung behind the diaphragm are outside the masks, as in the Montgomery masks.

## Known weaknesses

- All masks are of adults from one hospital; other collections have no masks here, so their figures only state
  how often the lungs are determined, not how accurate they are.
- A lung without air next to the diaphragm (a large effusion) can be cut off at the level of the fluid.
- Lateral films have no left and right lung; they are not recognized as lateral.

## Sources

The Montgomery County chest X-ray set was created by the National Library of Medicine, National Institutes of
Health, Bethesda, MD, USA in collaboration with the Department of Health and Human Services, Montgomery
County, Maryland, USA.

- Jaeger et al. 2014: Automatic tuberculosis screening using chest radiographs. IEEE Transactions on Medical
  Imaging 33(2):233-245.
- Candemir et al. 2014: Lung segmentation in chest radiographs using anatomical atlases with nonrigid
  registration. IEEE Transactions on Medical Imaging 33(2):577-590.
"""


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


def card(figures: Mapping[str, Any]) -> str:
    """Return the model card as Markdown.

    Args:
        figures: As release() writes them.

    Raises:
        ModelUnavailable: If the network is not registered.
    """
    entry = segmentation_entry(LUNGS)
    columns = [figures["validation"], figures["test"]]
    rows = [["films (patients)", *(f"{column['n']} ({column['patients']})" for column in columns)]]
    rows += [
        [name, *(str(Estimate(**column["metrics"][name])) for column in columns)]
        for name in columns[0]["metrics"]
    ]
    elsewhere = [
        [row["films"], str(row["n"]), "{undetermined:.3f} ({low:.3f} to {high:.3f})".format(**row)]
        for row in figures["elsewhere"]
    ]
    films = figures["films"]
    return CARD.format(
        notice=NOTICE,
        title=entry.title,
        id=entry.id,
        trained_on=entry.trained_on,
        licence=entry.licence,
        architecture=entry.architecture,
        size=entry.input_size,
        weights=entry.weights,
        sha256=entry.sha256,
        accuracy=table_rows(rows),
        elsewhere=table_rows(elsewhere),
        resamples=RESAMPLES,
        learning=films["masked"],
        simulated=films["simulated"],
        empty=films["empty"],
        validation=figures["validation"]["n"],
        test=figures["test"]["n"],
        seed=SEED,
        cycles=" and ".join(f"{one.epochs} (one cycle up to {one.learning_rate:g})" for one in CYCLES),
        steps=STEPS,
        batch=BATCH,
        minutes=round(figures["seconds"] / 60),
        machine=figures["machine"],
    )
