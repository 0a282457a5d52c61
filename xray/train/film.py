"""One film of a data set, with what is known of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from xray.errors import UnusableData
from xray.io import read_radiograph
from xray.types import Radiograph

SUFFIXES = {".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp", ".dcm"}

Box = tuple[float, float, float, float]  # left, top, right, bottom as shares of the film's width and height


@dataclass(frozen=True)
class Film:
    """One row: where the file is, its labels as plain() writes them, patient, split, and the collection
    it comes from. known: the findings its labels speak of; empty where they speak of all. turns, inverted:
    read a quarter turn counterclockwise so many times, and with black for white. boxes: where its
    finding is. tags: what else is known of it.
    """

    path: Path
    labels: frozenset[str]
    patient: str
    split: str
    source: str = ""
    known: frozenset[str] = frozenset()
    turns: int = 0
    inverted: bool = False
    boxes: tuple[Box, ...] = ()
    tags: frozenset[str] = frozenset()

    def read(self) -> Radiograph:
        """Raises UnreadableImage, or UnusableData where the file is missing."""
        try:
            content = self.path.read_bytes()
        except OSError as error:
            raise UnusableData(
                f"{self.path.name} is listed but cannot be opened.", hint="Check the paths in labels.csv."
            ) from error
        radiograph = read_radiograph(content, self.path.name)
        if not (self.turns or self.inverted):
            return radiograph
        pixels = np.rot90(radiograph.pixels, self.turns)
        return replace(radiograph, pixels=np.ascontiguousarray(1 - pixels if self.inverted else pixels))


def plain(label: str) -> str:
    """A label in lower case with spaces: Pleural_Thickening and `pleural thickening` are one finding."""
    return " ".join(label.replace("_", " ").split()).casefold()
