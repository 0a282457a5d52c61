"""Maps of other programs, read from files, as explanations of a model's prediction.

They are not registered with the methods: a map from a file cannot be computed again.
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from torch import Tensor

from xray.errors import UnusableMap
from xray.explain.registry import METHODS, ExplainRequest, Method
from xray.geometry import Affine
from xray.models.classifier import Classifier
from xray.models.ensemble import Ensemble
from xray.types import Explanation, MapFile, Pixels, Radiograph

ROUNDING = 1.0  # cells by which the sides of a grid may differ from an exact aspect ratio
NEEDS_METHOD = "It needs the method that made the map, which a file does not contain."


def _not_computed(_request: ExplainRequest) -> Tensor:
    raise UnusableMap("A map from a file cannot be computed again.", "Choose an explanation method.")


EXTERNAL = Method(
    name="external",
    title="External map",
    paper="",
    cost="one pass",
    values="as in the file; negative values count against the finding",
    explain=_not_computed,
    on_film=True,
    unfit=lambda _classifier: NEEDS_METHOD,
)


def method_of(explanation: Explanation) -> Method:
    """The method of an explanation, EXTERNAL for a map from a file. Raises InvalidRequest if unknown."""
    return EXTERNAL if explanation.file else METHODS[explanation.method]


def external_explanation(
    model: Classifier | Ensemble, radiograph: Radiograph, finding: str, values: Pixels, file: MapFile
) -> Explanation:
    """Place a map from a file on the film that it explains.

    The map has the film's size, or a grid with the aspect ratio of the film or of the network's input, over
    which it is stretched. Cells finer than the network's input are averaged, since maps are checked there.

    Args:
        model: The model whose prediction the map explains.
        radiograph: The film.
        finding: A finding of the model.
        values: The map (h, w).
        file: The file that it was read from.

    Raises:
        UnusableMap: The map has another aspect ratio.
    """
    film, shape = radiograph.pixels.shape, values.shape
    source = (film[0], film[1])
    height, width = model.film(radiograph).shape[2:]
    network = (int(height), int(width))
    if shape == source or _same_ratio(shape, source):
        to_source = Affine.stretch((shape[0], shape[1]), source)
    elif _same_ratio(shape, network):
        to_source = Affine.stretch((shape[0], shape[1]), network).then(model.to_input(film).inverse())
    else:
        raise UnusableMap(
            f"{file.name} has {shape[1]} x {shape[0]} values (width x height). It fits neither the film of "
            f"{source[1]} x {source[0]} pixels nor the network's input of {network[1]} x {network[0]}.",
            "Save a map of one of these sizes, or of a grid with the same aspect ratio.",
        )
    cells = min(shape[0], network[0]), min(shape[1], network[1])
    note = ""
    if cells != shape:
        values = np.asarray(cv2.resize(values, cells[::-1], interpolation=cv2.INTER_AREA), np.float32)
        to_source = Affine.stretch(cells, (shape[0], shape[1])).then(to_source)
        note = f"The map of {shape[1]} x {shape[0]} values was averaged to {cells[1]} x {cells[0]} cells."
    elif shape != source:
        note = f"The map of {shape[1]} x {shape[0]} values was interpolated to the film."
    return Explanation(
        method=EXTERNAL.name,
        layer=f"file {file.name}",
        finding=finding,
        raw_map=values,
        to_source=to_source,
        source_shape=source,
        model_id=model.entry.id,
        weights_sha256=model.entry.sha256,
        file=replace(file, note=note),
    )


def _same_ratio(shape: tuple[int, ...], other: tuple[int, int]) -> bool:
    """Whether a grid (h, w) has the aspect ratio of another one, but for the rounding of its sides."""
    across, down = shape[0] * other[1] / other[0], shape[1] * other[0] / other[1]
    return abs(across - shape[1]) <= ROUNDING or abs(down - shape[0]) <= ROUNDING
