"""The result of one film of a cohort: prediction, small raw maps and a thumbnail, but not its pixels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from xray.geometry import Affine
from xray.types import Case, Check, Explanation, GateResult, MapVerdict, Pixels, Prediction, Radiograph

State = Literal["answered", "refused", "not read"]


@dataclass(frozen=True, eq=False)
class Row:
    """One file of a cohort.

    Attributes:
        file: Name of the file.
        state: Whether the film was answered, refused by the input gate, or not read.
        sentence: The reason, if it was not answered.
        notes: What was done to the film when it was read, such as the choice of a page.
        duplicate_of: The first file with the same pixels.
        height: Height of the film in pixels, 0 if it was not read.
        width: Width of the film in pixels, 0 if it was not read.
        gate: Result of the input gate; None for a film that was not read.
        boxes: Number of a detector's boxes at its operating point.
        thumbnail: The film as a small JPEG.
        overlay: Overlay as PNG, if requested.
        raw_maps: One map for every finding, float32 (K, h, w).
        to_source: Affine from the maps' grid to source pixels.
        zone_shares: Share of each map's positive values by types.REGIONS, float32 (K, R); NaN for a map
            without any; None without maps or determined lungs.
        zones_of: The requested finding, by default that of the answer, if there are zone_shares.
        embedding: float32 (C), what the network's last linear layer receives, if requested.
        map_finding: The finding whose map was checked, if requested.
        map_checks: Checks of this map, without pictures.
        map_verdict: The verdict on this map.
        attributes: Values of the DICOM attributes that were requested, by keyword.
    """

    file: str
    state: State
    sentence: str = ""
    notes: str = ""
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
    zone_shares: Pixels | None = None
    zones_of: str = ""
    embedding: Pixels | None = None
    map_finding: str = ""
    map_checks: tuple[Check, ...] = ()
    map_verdict: MapVerdict | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)

    @property
    def explanations(self) -> tuple[Explanation, ...]:
        """The maps as in the Case of the film; empty if none were computed."""
        if self.prediction is None or self.raw_maps is None or self.to_source is None:
            return ()
        shape = (self.height, self.width)
        model = self.prediction.model_id, self.prediction.weights_sha256
        return tuple(
            Explanation(self.method, self.layer, finding, raw_map, self.to_source, shape, *model)
            for finding, raw_map in zip(self.prediction.findings, self.raw_maps, strict=True)
        )

    @property
    def checked_map(self) -> Explanation | None:
        """The map that was checked; None if none was."""
        return next((made for made in self.explanations if made.finding == self.map_finding), None)

    def case(self, film: Radiograph) -> Case:
        """The Case of an answered film, without boxes.

        Args:
            film: The film, read again.

        Raises:
            ValueError: If the film has no prediction.
        """
        if self.prediction is None or self.gate is None:
            raise ValueError(f"{self.file} has no prediction")
        return Case(film, self.prediction, self.explanations, self.gate, organ=self.organ)

    def probability(self, finding: str) -> float:
        """The probability of a finding; NaN if the film has no prediction."""
        return float("nan") if self.prediction is None else self.prediction.probability(finding)

    def zones(self, finding: str) -> Pixels | None:
        """The share (R) of the evidence for a finding by types.REGIONS, or None if there is none."""
        if self.prediction is None or self.zone_shares is None:
            return None
        shares = self.zone_shares[self.prediction.findings.index(finding)]
        return None if np.isnan(shares).any() else shares

    def evidence(self, finding: str, side: int) -> Pixels | None:
        """The raw map of a finding, resampled to a square (side, side), or None without maps."""
        prediction = self.prediction
        if prediction is None or self.raw_maps is None or self.to_source is None:
            return None
        to_square = self.to_source.then(Affine.stretch((self.height, self.width), (side, side)))
        raw_map = self.raw_maps[prediction.findings.index(finding)]
        return to_square.warp(raw_map, (side, side)).astype(np.float32)
