"""Films whose evidence is known: a lesion is inserted into a normal film, and the logit rises by it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from xray.evidence.context import Candidate, CheckContext
from xray.evidence.deletion_insertion import FIRST, SHARES, ranks
from xray.evidence.meaningless import on_grid, picture
from xray.evidence.weight_randomization import Model
from xray.imaging.lesions import Lesion, random_lesion
from xray.io.label_lists import NORMAL, plain
from xray.types import Pixels, Radiograph

KINDS = ("consolidation", "mass", "nodule", "effusion", "disc")
RISE = 1.0  # log-odds
TRIES = 4


@dataclass(frozen=True, eq=False)
class InsertedLesion:
    """A film with a lesion that a model responds to.

    Attributes:
        radiograph: The film with the lesion.
        lesion: The lesion, at the film's size.
        finding: The finding of the model whose logit rises most.
        rise: By how much, in log-odds; without the lesion the logit falls by as much.
    """

    radiograph: Radiograph
    lesion: Lesion
    finding: str
    rise: float

    def region(self, shape: tuple[int, int]) -> Pixels:
        """Where the lesion is, (h, w) in [0, 1], on a film stretched to this shape."""
        mask = self.lesion.region.astype(np.float32)
        return np.asarray(cv2.resize(mask, shape[::-1], interpolation=cv2.INTER_AREA), np.float32)

    def true_map(self, context: CheckContext) -> Candidate:
        """The lesion's region, as smooth as a map of the context's grid."""
        return picture(on_grid(self.region(context.film.shape), context.grid))

    def is_hit(self, values: Pixels) -> bool:
        """Whether the highest value of a map (h, w) lies in the lesion."""
        return bool(self._mask(values.shape).ravel()[values.argmax()])

    def is_shown(self, values: Pixels, grid: tuple[int, int]) -> bool:
        """Whether a map (h, w) shows the lesion, even by chance.

        Its highest value lies in the lesion or within a cell of the map's grid, or its highest quarter, which
        Deletion hides, contains half of the lesion or more.
        """
        mask = self._mask(values.shape)
        height, width = (2 * (side // cells) + 1 for side, cells in zip(values.shape, grid, strict=True))
        wider = cv2.dilate(mask.astype(np.uint8), np.ones((height, width), np.uint8))
        hidden = ranks(values).numpy() < SHARES[FIRST - 1]
        return bool(wider.ravel()[values.argmax()] or hidden[mask].mean() >= 0.5)

    def _mask(self, shape: tuple[int, ...]) -> NDArray[np.bool_]:
        return self.region((shape[0], shape[1])) >= 0.5


def insert_lesion(
    model: Model,
    radiograph: Radiograph,
    generator: np.random.Generator,
    kinds: Sequence[str] = KINDS,
) -> InsertedLesion | None:
    """Insert a lesion into a lung of a normal film; None if the model responds to none of TRIES.

    Args:
        model: The model.
        radiograph: A normal frontal chest film.
        generator: Source of kind, place, shape and density.
        kinds: Names in imaging.lesions.LESIONS.
    """
    before = model.log_odds(model.logits(radiograph))[0]
    normal = [plain(finding) in NORMAL for finding in model.entry.findings]
    height, width = radiograph.pixels.shape
    for _ in range(TRIES):
        lesion = random_lesion((height, width), kinds, generator)
        changed = Radiograph(lesion.on(radiograph.pixels), radiograph.name)
        rises = np.where(normal, -np.inf, model.log_odds(model.logits(changed))[0] - before)
        index = int(rises.argmax())
        if rises[index] >= RISE:
            return InsertedLesion(changed, lesion, model.entry.findings[index], float(rises[index]))
    return None
