"""The reference of a labeled film: all labels of its list, their source, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from xray.errors import UnusableData
from xray.imaging.markers import markers
from xray.io.box_lists import ListedBox
from xray.io.label_lists import NORMAL, plain
from xray.learn.scores import Reference
from xray.train.film import Film
from xray.train.nih import ABNORMAL, OPACITY
from xray.train.nih import NORMAL as READ_NORMAL
from xray.types import Pixels, Radiograph
from xray.types.answer import listed

OTHERS = {OPACITY: "Lung opacity", ABNORMAL: "Not normal"}  # what a reading adds to the labels
OF_A_READING = (
    "A radiologist's reading is more certain than a label taken from a report, but readers disagree on some "
    "films."
)
OF_A_LIST = (
    "The list does not say who labeled the film. Labels that software takes from reports are often wrong "
    "(arXiv:1907.12720)."
)
TOLERANCE = 1.0  # px by which a box may exceed its film


@dataclass(frozen=True)
class LabeledFilm:
    """A film, whether it shows a finding, and the boxes of the finding.

    Attributes:
        film: The film; its labels include the reading.
        finding: The finding.
        present: Whether the film shows it.
        boxes: Boxes of the finding.
        listed: Labels of the list, without the reading.
        reading: A radiologist's reading, or empty.
    """

    film: Film
    finding: str
    present: bool
    boxes: tuple[ListedBox, ...]
    listed: frozenset[str] = frozenset()
    reading: str = ""

    def load(self) -> tuple[Radiograph, Reference]:
        """Read the film and its reference. Raises UnreadableImage or UnusableData."""
        radiograph = self.film.read()
        return radiograph, replace(
            self.reference(radiograph.pixels.shape), marker=bool(markers(radiograph.pixels).any())
        )

    def reference(self, shape: tuple[int, ...]) -> Reference:
        """The reference on a film (H, W). Raises UnusableData if a box lies outside the film."""
        boxes = _inside(np.array([box.on(shape) for box in self.boxes], np.float32).reshape(-1, 4), shape)
        marked = " A person marked where it is." if len(boxes) else ""
        return Reference(
            self.present,
            boxes,
            self.source + marked,
            labels=self.labels,
            free=bool(self.film.labels) and self.film.labels <= NORMAL,
            certainty=OF_A_READING if self.reading else OF_A_LIST,
        )

    @property
    def labels(self) -> tuple[str, ...]:
        """All findings that the film is labeled with, the finding of the question first."""
        if self.reading == READ_NORMAL:
            return ()
        given = (self.listed if self.reading else self.film.labels) - NORMAL - {plain(self.finding)}
        others = sorted(map(str.capitalize, given))
        if self.reading and not self.present:
            others += [OTHERS[self.reading]]
        return (self.finding, *others) if self.present else tuple(others)

    @property
    def source(self) -> str:
        """A sentence that states the label, the reading, and what they do not say."""
        if self.reading:
            read = f"A radiologist read the film as {self.reading} (RSNA, doi:10.1148/ryai.2019180041)."
            if self.listed:
                return f"{read} The list labels it {listed(sorted(map(str.capitalize, self.listed)))}."
            return read
        if self.film.labels:
            return f"The film is labeled {listed(sorted(map(str.capitalize, self.film.labels)))}."
        known = " or ".join(sorted(map(str.capitalize, self.film.known)))
        return f"The film is labeled to be without {known}; other findings are unknown."


def _inside(boxes: Pixels, shape: tuple[int, ...]) -> Pixels:
    """Boxes (n, 4) that lie on a film (H, W), up to TOLERANCE."""
    height, width = shape[:2]
    if len(boxes) and (
        boxes.min() < -TOLERANCE
        or boxes[:, [0, 2]].max() > width + TOLERANCE
        or boxes[:, [1, 3]].max() > height + TOLERANCE
    ):
        raise UnusableData(
            "A box of the list of boxes lies outside its film.",
            hint="Its columns width and height must state the size of the film in which it was measured.",
        )
    return boxes
