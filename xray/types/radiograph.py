"""A decoded film and the result of the input gate."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, cast

import numpy as np

from xray.errors import RefusedRadiograph
from xray.types.arrays import Pixels

Color = Literal["gray", "partly colored", "colored"]
GateKind = Literal[
    "accepted",
    "not an X-ray",
    "another region",
    "sideways",
    "upside down",
    "inverted",
    "another modality",
    "too small",
    "too narrow",
    "low contrast",
    "partly colored",
    "colored",
    "framed",
    "unfamiliar",
]


@dataclass(frozen=True, eq=False)
class Radiograph:
    """One decoded film. Of a DICOM header it keeps only the fields below.

    Attributes:
        pixels: float32 (H, W) in [0, 1], bright = dense; read-only.
        name: Base name of the file.
        bit_depth: Bits per sample in the source.
        spacing_mm: Distance of pixel centers (row, column), if known.
        view: View position, such as PA, if known.
        simulated: Whether the film is a phantom.
        modality: Modality in a DICOM header without projection radiographs, such as CT; empty for others.
        color: Color of the source; a uniform tint and colored letters or outlines count as gray.
        notes: Changes made while decoding, each a short sentence.
    """

    pixels: Pixels
    name: str
    bit_depth: int = 8
    spacing_mm: tuple[float, float] | None = None
    view: str | None = None
    simulated: bool = False
    notes: tuple[str, ...] = ()
    color: Color = "gray"
    modality: str = ""

    def __post_init__(self) -> None:
        if self.pixels.ndim != 2 or self.pixels.dtype != np.float32:
            raise ValueError(f"expected float32 pixels (H, W), got {self.pixels.dtype} {self.pixels.shape}")
        low, high = float(self.pixels.min()), float(self.pixels.max())
        if not (low >= 0.0 and high <= 1.0):
            raise ValueError(f"expected pixels in [0, 1], got [{low:g}, {high:g}]")
        self.pixels.setflags(write=False)

    @cached_property
    def sha256(self) -> str:
        """Hash of the pixels and their shape; it does not depend on name and header."""
        digest = hashlib.sha256(repr(self.pixels.shape).encode())
        digest.update(np.ascontiguousarray(self.pixels, "<f4").data)
        return digest.hexdigest()


# Familiarity below which a film is called unusual, and below which no film that was compared is farther.
UNUSUAL, FARTHEST = 0.1, 0.005


@dataclass(frozen=True)
class GateResult:
    """Result of the input gate: whether a film is suitable for a model.

    Attributes:
        accepted: Whether the film is accepted.
        reason: Why it is refused, in one sentence; for an accepted film what could not be checked, or empty.
        hint: What the user can do.
        kind: The rule that refused the film, or `accepted`.
        familiarity: Share, in [0, 1], of new good films of `familiar_region` that are farther from the
            training films than this one; None if it was not determined.
        familiar_region: The model's region that the film is most familiar as.
    """

    accepted: bool
    reason: str
    hint: str
    kind: GateKind
    familiarity: float | None = None
    familiar_region: str = ""

    @classmethod
    def of(cls, refusal: RefusedRadiograph) -> GateResult:
        """The result that pipeline.analyze raised as an error."""
        kind = cast("GateKind", refusal.kind)
        return cls(False, refusal.reason, refusal.hint, kind, refusal.familiarity, refusal.familiar_region)

    @property
    def unusual(self) -> bool:
        """Whether hardly any film that was compared is farther from the training films."""
        return self.familiarity is not None and self.familiarity < UNUSUAL

    @property
    def farthest(self) -> bool:
        """Whether no film that was compared is farther from the training films."""
        return self.familiarity is not None and self.familiarity < FARTHEST

    @property
    def compared(self) -> str:
        """The familiarity as a sentence; empty if it was not determined."""
        if self.familiarity is None:
            return ""
        films = f"new {self.familiar_region} films"
        if self.farthest:
            return f"Farther from the training films than all {films} that were compared."
        if self.unusual:
            return f"Unusual: closer to the training films than only {self.familiarity:.0%} of {films}."
        return f"Closer to the training films than {self.familiarity:.0%} of {films}."

    @property
    def doubt(self) -> str:
        """Why no answer about the film can be certain, as a clause; empty for a film like others."""
        if not self.accepted:
            return "the input gate refused the film"
        if self.farthest:
            return "the film is farther from the training films than all that were compared"
        return ""

    def __str__(self) -> str:
        return f"{self.reason} {self.hint}".strip()
