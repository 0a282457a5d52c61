"""Films for the lung network: Montgomery's with their masks, simulated chests, and films without lungs."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from xray.errors import UnusableData
from xray.imaging.phantom import Phantom, chest_phantom
from xray.io import read_radiograph
from xray.train.data import read_dataset, split_by_patient
from xray.train.film import Film
from xray.train.lungs.augment import MaskedFilm
from xray.train.prepare.target import require_whole
from xray.train.sources import spread

SIDE = 320  # px, longest side of the kept films
TEST, VALIDATION = 25, 15  # patients
MASKS, REGIONS = "montgomery-lungs", "body-regions"  # see public_data
UNSEEN = ("mednist_hand", "mednist_headct", "skimage")  # collections without training
PARTLY_LUNG = {"chest", "shoulder"}
WITHOUT_LUNGS, SIMULATED = 320, 10  # films without lungs, simulated anatomies
HEART = 0.56  # gray value of the simulated heart and diaphragm, above that of lungs


@dataclass(frozen=True)
class LungFilm(Film):
    """A film with the file of its mask.

    Attributes:
        mask: Image file, bright inside both lungs.
    """

    mask: Path = Path()

    def with_masks(self) -> MaskedFilm:
        """Read the film and its mask, whose two parts are the two lungs.

        Raises:
            UnusableData: If the mask has not exactly two parts.
        """
        drawn = shrunk(_gray(self.mask)) > 127
        try:
            masks = two_parts(drawn)
        except ValueError as error:
            raise UnusableData(
                f"The mask {self.mask.name} has not exactly two parts.", hint="Remove it from labels.csv."
            ) from error
        return MaskedFilm(shrunk(_gray(self.path)), masks)


def masked_films(root: Path) -> tuple[list[LungFilm], list[LungFilm], list[LungFilm]]:
    """Return the films of a folder with masks for training, validation and test, split by patient.

    Args:
        root: The folder, with labels.csv (columns `path`, `mask`, `patient_id`).

    Raises:
        UnusableData: If there is no such list, or there are too few patients.
    """
    listed = root / "labels.csv"
    require_whole(root)
    try:
        with listed.open(newline="", encoding="utf-8") as lines:
            films = [
                LungFilm(root / row["path"], frozenset(), row["patient_id"], "", mask=root / row["mask"])
                for row in csv.DictReader(lines)
            ]
    except (OSError, KeyError) as error:
        raise UnusableData(
            "There are no films with lung masks.",
            hint=f"{root} needs labels.csv with the columns path, mask and patient_id.",
        ) from error
    patients = len({film.patient for film in films})
    if patients <= TEST + VALIDATION:
        raise UnusableData(f"{patients} patients are too few.", hint="Use all of Montgomery's films.")
    learned, test = split_by_patient(films, TEST / patients, seed=1)
    rest = len({film.patient for film in learned})
    training, validation = split_by_patient(learned, VALIDATION / rest, seed=1)
    return training, validation, test


def films_without_lungs(root: Path, *, unseen: bool) -> list[Film]:
    """Return films of other body regions and pictures that are no chest films.

    Args:
        root: Folder of the body regions.
        unseen: Whether to return the films of the collections that are not used in training.
    """
    films = [film for film in read_dataset(root) if not film.labels & PARTLY_LUNG]
    return spread([film for film in films if (film.source in UNSEEN) is unseen], WITHOUT_LUNGS)


def empty(films: Iterable[Film]) -> Iterator[MaskedFilm]:
    """Read films without lungs."""
    for film in films:
        pixels = shrunk(np.rint(film.read().pixels * 255).astype(np.uint8))
        yield MaskedFilm(pixels, np.zeros((2, *pixels.shape), np.uint8))


def simulated(seeds: Iterable[int]) -> Iterator[MaskedFilm]:
    """Simulate each anatomy twice: healthy, and with an opacity and a marker."""
    for seed in seeds:
        healthy = chest_phantom(seed, size=(256, 256))
        masks = aerated(healthy)
        changed = chest_phantom(seed, finding=True, marker="LR"[seed % 2], size=(256, 256))
        for phantom in (healthy, changed):
            yield MaskedFilm(np.rint(phantom.radiograph.pixels * 255).astype(np.uint8), masks)


def aerated(healthy: Phantom) -> NDArray[np.uint8]:
    """Masks (2, H, W) of the lungs of a simulated chest, without the parts behind heart and diaphragm."""
    size = len(healthy.body_mask)
    dense = cv2.GaussianBlur(healthy.radiograph.pixels, (0, 0), size / 256) > HEART
    wide = _opened(dense.astype(np.uint8), size // 17)
    return two_parts(_opened((healthy.region_mask & (wide == 0)).astype(np.uint8), size // 37) > 0)


def two_parts(mask: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Separate the two parts of a mask (H, W): uint8 (2, H, W), 0 or 255, the left one in the image first.

    Parts under 1% of the mask are left out.

    Raises:
        ValueError: If there are not exactly two parts.
    """
    _, parts, facts, centers = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=4)
    large = [part for part in range(1, len(facts)) if facts[part, cv2.CC_STAT_AREA] > 0.01 * mask.sum()]
    if len(large) != 2:
        raise ValueError(f"expected a mask with two parts, got {len(large)}")
    ordered = sorted(large, key=lambda part: float(centers[part, 0]))
    return np.stack([np.where(parts == part, np.uint8(255), np.uint8(0)) for part in ordered])


def shrunk(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Reduce uint8 (H, W) to at most SIDE px on its longer side."""
    share = SIDE / max(pixels.shape)
    if share >= 1:
        return pixels
    height, width = (max(1, round(side * share)) for side in pixels.shape)
    return np.asarray(cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def _gray(path: Path) -> NDArray[np.uint8]:
    return np.rint(read_radiograph(path.read_bytes(), path.name).pixels * 255).astype(np.uint8)


def _opened(mask: NDArray[np.uint8], side: int) -> Any:
    ellipse = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side | 1, side | 1))
    return cv2.morphologyEx(mask, cv2.MORPH_OPEN, ellipse)
