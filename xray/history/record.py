"""What the history stores of one film and one model: an analysis, or a refusal by the input gate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from xray.errors import RefusedRadiograph
from xray.imaging.transforms import downsample
from xray.render.overlay import Drawing, downsampled_case, draw
from xray.types import Case, GateResult, Prediction, Radiograph

THUMBNAIL_SIDE = 160


@dataclass(frozen=True)
class Picture:
    """A small JPEG of a film.

    Attributes:
        jpeg: Contents of the file.
        method: Method of the map drawn over the film, or empty for the film alone.
    """

    jpeg: bytes
    method: str = ""


@dataclass(frozen=True, eq=False)
class Record:
    """One film and one model, as the history stores them.

    Attributes:
        pixels_sha256: Hash of the pixels.
        name: File name; stored only if its owner keeps names.
        simulated: Whether the film is a phantom.
        model_id: Id of the model.
        weights_sha256: Hash of its weights.
        gate: Result of the input gate.
        prediction: Output of the model; None for a refused film.
        picture: Makes the picture; None for a refused film, which may be a photograph or a page with names.
    """

    pixels_sha256: str
    name: str
    simulated: bool
    model_id: str
    weights_sha256: str
    gate: GateResult
    prediction: Prediction | None = None
    picture: Callable[[], Picture] | None = None


def record_of(case: Case) -> Record:
    """The record of an analyzed film."""
    film, prediction = case.radiograph, case.prediction
    return Record(
        film.sha256,
        film.name,
        film.simulated,
        prediction.model_id,
        prediction.weights_sha256,
        case.gate,
        prediction,
        lambda: _overlay(case),
    )


def record_of_refusal(film: Radiograph, refusal: RefusedRadiograph) -> Record:
    """The record of a film that pipeline.analyze refused."""
    return Record(
        film.sha256,
        film.name,
        film.simulated,
        refusal.model_id,
        refusal.weights_sha256,
        GateResult.of(refusal),
    )


def _overlay(case: Case) -> Picture:
    """The overlay of the finding of the answer, or the film if the finding has no map."""
    finding = case.answer.finding
    small = downsample(case.radiograph.pixels, THUMBNAIL_SIDE).pixels
    picture: NDArray[Any] = np.rint(small * 255).astype(np.uint8)
    method = ""
    if any(explanation.finding == finding for explanation in case.explanations):
        method = case.explanation(finding).method
        picture = draw(downsampled_case(case, THUMBNAIL_SIDE), finding, Drawing())[..., ::-1]
    jpeg = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 75])[1].tobytes()
    return Picture(jpeg, method)
