"""Results as files: PNG pictures, raw maps as NPY, the Case as JSON. The same Case gives the same bytes."""

from __future__ import annotations

import io
import json
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from xray import NOTICE, __version__
from xray.types import Case, Check, Detections


def png(picture: NDArray[np.uint8], case: Case, finding: str) -> bytes:
    """The picture of a finding's map as PNG (see picture_png)."""
    method = case.explanation(finding).method
    return picture_png(picture, f"{method} of {case.prediction.model_id} for {finding}", case)


def picture_png(picture: NDArray[np.uint8], title: str, case: Case) -> bytes:
    """A picture (H, W) or (H, W, 3) as PNG that carries in its text what it shows and what it is not for."""
    text = PngInfo()
    text.add_text("Title", title)
    simulated = "Simulated radiograph. " if case.radiograph.simulated else ""
    text.add_text("Description", f"{simulated}{marked(case)}{NOTICE}")
    text.add_text("Software", f"xray {__version__}")
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "PNG", pnginfo=text)
    return buffer.getvalue()


def marked(case: Case) -> str:
    """What follows every picture and number of a film that the input gate refused; empty for any other."""
    return "" if case.gate.accepted else f"Analyzed although the input gate refused it: {case.gate.reason} "


def npy(values: NDArray[np.float32]) -> bytes:
    """An array as NumPy's own file format, values untouched."""
    buffer = io.BytesIO()
    np.save(buffer, values, allow_pickle=False)
    return buffer.getvalue()


def case_facts(case: Case) -> dict[str, Any]:
    """A Case as plain values; maps on the target layer's grid, with the affine to source pixels."""
    film, said = case.radiograph, case.prediction
    height, width = film.pixels.shape
    return {
        "file": film.name,
        "notice": NOTICE,
        "version": __version__,
        "pixels_sha256": film.sha256,
        "height": height,
        "width": width,
        "bit_depth": film.bit_depth,
        "spacing_mm": film.spacing_mm and list(film.spacing_mm),
        "view": film.view,
        "simulated": film.simulated,
        "notes": list(film.notes),
        "gate": {"accepted": case.gate.accepted, "kind": case.gate.kind, "reason": case.gate.reason},
        "fallback": case.fallback,
        "organ": case.organ,
        "model_id": said.model_id,
        "weights_sha256": said.weights_sha256,
        "findings": list(said.findings),
        "probabilities": _numbers(said.probabilities),
        "logits": _numbers(said.logits),
        "thresholds": _numbers(said.thresholds),
        "intervals": [] if said.intervals is None else _numbers(said.intervals),
        "prediction_set": list(said.prediction_set),
        "answers": [said.answer(finding) for finding in said.findings],
        "boxes": boxes_facts(case.detections),
        "explanations": [
            {
                "finding": one.finding,
                "method": one.method,
                "layer": one.layer,
                "raw_max": one.raw_max,
                "raw_map": _numbers(one.raw_map),
                "to_source": one.to_source.matrix[:2].tolist(),
            }
            for one in case.explanations
        ],
    }


def boxes_facts(detections: Detections | None) -> list[dict[str, Any]] | None:
    """Every candidate box as plain values, the best first; nothing of a model that draws none."""
    if detections is None:
        return None
    return [
        {"finding": detections.findings[label], "score": score, "xyxy": corners}
        for label, score, corners in zip(
            detections.class_id.tolist(),
            _numbers(detections.confidence),
            _numbers(detections.xyxy),
            strict=True,
        )
    ]


def check_facts(check: Check) -> dict[str, Any]:
    """A Check as plain values, null where a figure is undefined."""
    return {
        "name": check.name,
        "value": _figure(check.value),
        "baseline": _figure(check.baseline),
        "centered": _figure(check.centered),
        "verdict": check.verdict,
        "why": check.why,
        "seconds": round(check.seconds, 3),
        "details": {name: _figure(value) for name, value in check.details.items()},
    }


def _figure(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _numbers(values: NDArray[np.float32]) -> list[Any]:
    """Nested lists with the shortest digits that read back as the same float32."""
    return values.astype(str).astype(float).tolist()


def case_json(case: Case) -> str:
    """Return a Case as JSON."""
    return json.dumps(case_facts(case), indent=2, ensure_ascii=False)
