"""ONNX files of models, checked with ONNX Runtime before they are written."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import tempfile
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray

from xray import NOTICE, __version__
from xray.errors import ModelUnavailable
from xray.imaging.phantom import chest_phantom
from xray.models.predictor import Predictor
from xray.portable.network import PortableNetwork

OPSET = 20
TOLERANCE = 1e-4  # largest difference between the probabilities of PyTorch and of ONNX Runtime
INSTALL = "pip install -r requirements-export.txt"
SIZES = ((256, 240), (512, 384))  # of the films that a file is checked with
BATCH = 4  # films at a time


@dataclass(frozen=True)
class OnnxFile:
    """An exported model.

    Attributes:
        data: The ONNX file.
        facts: What a program needs to use it: findings, operating points, outputs, notice.
        difference: Largest difference of a probability between PyTorch and ONNX Runtime.
    """

    data: bytes
    facts: dict[str, Any]
    difference: float


def onnx_file(model: Predictor) -> OnnxFile:
    """Convert a model to ONNX, with its preprocessing, calibration and, where possible, Grad-CAM maps.

    The input `film` is float32 (n, 1, H, W) in [0, 1] of any size; films are resized and normalized inside.
    The outputs are `probabilities` and `logits` (n, K) and, for networks with a closed form, `maps` (n, K, h,
    w): raw Grad-CAM maps on the grid of the target layer, which covers the whole film.

    Args:
        model: A classifier or an ensemble of classifiers.

    Raises:
        InvalidRequest: If the model is a detector.
        ModelUnavailable: If the packages for ONNX are missing, or ONNX Runtime gives other answers.
    """
    runtime = _runtime()
    network = PortableNetwork(model).cpu().eval()
    outputs = ["probabilities", "logits", "maps"][: 3 if network.has_maps else 2]
    facts = _facts(model, network, outputs)
    data = _exported(network, outputs, facts)
    session = runtime.InferenceSession(data, providers=["CPUExecutionProvider"])
    difference = max(_difference(network, session, size) for size in SIZES)
    if not difference <= TOLERANCE:
        raise ModelUnavailable(
            f"ONNX Runtime and PyTorch give different answers for {model.entry.id} ({difference:.2g}).",
            hint="Use another version of onnxruntime.",
        )
    return OnnxFile(data, facts, difference)


def _runtime() -> Any:
    """ONNX Runtime, if it and what the exporter needs are installed."""
    try:
        import onnxruntime
        import onnxscript  # noqa: F401
    except ImportError as error:
        raise ModelUnavailable("The packages for ONNX files are missing.", hint=INSTALL) from error
    return onnxruntime


def _facts(model: Predictor, network: PortableNetwork, outputs: list[str]) -> dict[str, Any]:
    entry = model.entry
    return {
        "id": entry.id,
        "title": entry.title,
        "notice": NOTICE,
        "version": __version__,
        "weights_sha256": entry.sha256,
        "findings": list(entry.findings),
        "operating_points": list(entry.thresholds),
        "exclusive": entry.activation == "softmax",
        "outputs": outputs,
        "maps": f"Grad-CAM at {entry.target_layer}, logit units" if network.has_maps else None,
        "trained_on": entry.trained_on,
        "licence": entry.licence,
    }


def _exported(network: PortableNetwork, outputs: list[str], facts: dict[str, Any]) -> bytes:
    """Convert a network to an ONNX file that holds the facts as metadata."""
    films, height, width = (torch.export.Dim(name) for name in ("films", "height", "width"))
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        logging.getLogger("torch.onnx").setLevel(logging.ERROR)
        exported = torch.onnx.export(
            network,
            (torch.rand(2, 1, 300, 260),),
            dynamo=True,
            opset_version=OPSET,
            input_names=["film"],
            output_names=outputs,
            dynamic_shapes={"films": {0: films, 2: height, 3: width}},
            verbose=False,
        )
    program = cast(torch.onnx.ONNXProgram, exported)  # as with every dynamo=True
    program.model.metadata_props["xray"] = json.dumps(facts)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        program.save(path, external_data=False)
        return path.read_bytes()


def _difference(network: PortableNetwork, session: Any, size: tuple[int, int]) -> float:
    """Largest difference of a probability of simulated films."""
    films = np.stack([chest_phantom(seed, size=size).radiograph.pixels for seed in range(BATCH)])[:, None]
    with torch.inference_mode():
        expected = network(torch.from_numpy(films))[0].numpy()
    actual: NDArray[np.float32] = session.run(["probabilities"], {"film": films})[0]
    return float(np.abs(actual - expected).max())
