"""A film of a data set with its labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from xray.errors import UnusableData
from xray.imaging.transforms import invert, quarter_turn
from xray.io import read_radiograph
from xray.types import Pixels, Radiograph

Box = tuple[float, float, float, float]  # left, top, right, bottom as shares of the film's width and height


@dataclass(frozen=True)
class Film:
    """A labeled film.

    Attributes:
        path: Image file.
        labels: Labels in the form that io.label_lists.plain() returns.
        patient: Patient id.
        split: Name of the split, or empty.
        source: Collection, or empty.
        known: Findings that the labels cover; empty for all.
        single_class: Whether the data set has one class, which is then the finding whatever its name.
        turns: Number of counterclockwise quarter turns when the film is read.
        inverted: Whether gray values are inverted when the film is read.
        boxes: Boxes of the findings in `marked`, as shares of width and height.
        marked: Labels that the boxes show; empty for all labels.
        tags: Other properties.
        attributes: Values of the other columns of its list.
    """

    path: Path
    labels: frozenset[str]
    patient: str
    split: str
    source: str = ""
    known: frozenset[str] = frozenset()
    single_class: bool = False
    turns: int = 0
    inverted: bool = False
    boxes: tuple[Box, ...] = ()
    marked: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    attributes: Mapping[str, str] = field(default_factory=dict, compare=False)

    def read(self) -> Radiograph:
        """Read the film.

        Raises:
            UnreadableImage: If the file is not a radiograph.
            UnusableData: If the file is missing.
        """
        try:
            content = self.path.read_bytes()
        except OSError as error:
            raise UnusableData(
                f"{self.path.name} is listed but cannot be opened.",
                hint="Check the paths in the list.",
            ) from error
        radiograph = read_radiograph(content, self.path.name)
        if not (self.turns or self.inverted):
            return radiograph
        return replace(radiograph, pixels=in_pose(radiograph.pixels, self.turns, self.inverted))


def in_pose(pixels: Pixels, turns: int, inverted: bool) -> Pixels:
    """Rotate pixels (H, W) by counterclockwise quarter turns, and invert them on request."""
    turned = quarter_turn(pixels, turns).pixels
    return invert(turned).pixels if inverted else turned
