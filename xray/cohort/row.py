"""The result of one film of a cohort: prediction, small raw maps and a thumbnail, but not its pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from xray.geometry import Affine
from xray.types import Case, Explanation, GateResult, Pixels, Prediction, Radiograph

State = Literal["answered", "refused", "not read"]


@dataclass(frozen=True, eq=False)
class Row:
    """One file of a cohort.

    state: `refused` by the input gate, or `not read`; sentence: why. duplicate_of: the first file with the
    same pixels. height, width: of the film; 0 where it was not read. gate: of an answered film. boxes: of a
    detector, at its operating point. thumbnail: JPEG. overlay: PNG, where it was asked for. raw_maps: float32
    (K, h, w), one for every finding, with the affine to source pixels.
    """

    file: str
    state: State
    sentence: str = ""
    duplicate_of: str = ""
    pixels_sha256: str = ""
    height: int = 0
    width: int = 0
    simulated: bool = False
    gate: GateResult | None = None
    prediction: Prediction | None = None
    organ: str = ""
    boxes: int | None = None
    thumbnail: bytes = b""
    overlay: bytes = b""
    method: str = ""
    layer: str = ""
    raw_maps: Pixels | None = None
    to_source: Affine | None = None

    @property
    def explanations(self) -> tuple[Explanation, ...]:
        """The maps as the film's own Case has them; empty where none were made."""
        if self.prediction is None or self.raw_maps is None or self.to_source is None:
            return ()
        shape = (self.height, self.width)
        made_by = self.prediction.model_id, self.prediction.weights_sha256
        return tuple(
            Explanation(self.method, self.layer, finding, raw_map, self.to_source, shape, *made_by)
            for finding, raw_map in zip(self.prediction.findings, self.raw_maps, strict=True)
        )

    def case(self, film: Radiograph) -> Case:
        """The Case of an answered film, without its boxes, from the film read again. Raises ValueError."""
        if self.prediction is None or self.gate is None:
            raise ValueError(f"{self.file} has no answer")
        return Case(film, self.prediction, self.explanations, self.gate, organ=self.organ)

    def probability(self, finding: str) -> float:
        """NaN where the film has no answer."""
        said = self.prediction
        return float("nan") if said is None else float(said.probabilities[said.findings.index(finding)])

    def evidence(self, finding: str, side: int) -> Pixels | None:
        """The raw map of a finding stretched over the film's square (side, side), if there is one."""
        said = self.prediction
        if said is None or self.raw_maps is None or self.to_source is None:
            return None
        onto = self.to_source.then(Affine.stretch((self.height, self.width), (side, side)))
        drawn = onto.warp(self.raw_maps[said.findings.index(finding)], (side, side))
        return drawn.astype(np.float32)
