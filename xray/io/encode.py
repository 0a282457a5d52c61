"""Encode results: pictures as PNG, raw maps as NPY, a Case as JSON. The same Case gives the same bytes."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from xray import NOTICE, __version__
from xray.types import Answer, Case, Check, Detections, GateResult
from xray.types.explanation import MapFile, MapVerdict


def png(picture: NDArray[np.uint8], case: Case, finding: str) -> bytes:
    """Encode the picture of a finding's heatmap as PNG.

    Args:
        picture: (H, W) or (H, W, 3).
        case: The Case that the heatmap belongs to.
        finding: Finding that the heatmap explains.

    Returns:
        PNG bytes; see picture_png.
    """
    method = case.explanation(finding).method
    return picture_png(picture, f"{method} of {case.prediction.model_id} for {finding}", case)


def picture_png(picture: NDArray[np.uint8], title: str, case: Case) -> bytes:
    """Encode a picture as PNG with a title, the research notice and the software version in its text chunks.

    Args:
        picture: (H, W) or (H, W, 3).
        title: What the picture shows.
        case: The Case; its notice and, if the input gate refused the film, the reason are written.
    """
    text = PngInfo()
    text.add_text("Title", title)
    simulated = "Simulated radiograph. " if case.radiograph.simulated else ""
    text.add_text("Description", f"{simulated}{marked(case)}{NOTICE}")
    text.add_text("Software", f"xray {__version__}")
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "PNG", pnginfo=text)
    return buffer.getvalue()


def marked(case: Case) -> str:
    """A notice for results of a film that the input gate refused; empty for an accepted film."""
    return "" if case.gate.accepted else f"Analyzed although the input gate refused it: {case.gate.reason} "


def npy(values: NDArray[np.float32]) -> bytes:
    """Encode an array in NumPy's NPY format, with its values unchanged."""
    buffer = io.BytesIO()
    np.save(buffer, values, allow_pickle=False)
    return buffer.getvalue()


def case_facts(case: Case) -> dict[str, Any]:
    """Convert a Case to plain values: str, int, float, bool, None, list and dict.

    Raw maps are on the grid of the target layer and come with their affine to source pixels.
    """
    return _case_facts(case, _numbers)


def case_json(case: Case, evidence: Mapping[str, Any] | None = None) -> str:
    """Encode a Case as JSON, indented by two spaces.

    The keys, their order and the values are those of case_facts. Arrays are serialized without a Python
    object per value; each float32 has the shortest digits that read back as the same float32.

    Args:
        case: The Case.
        evidence: Further values: the checks of a map and the verdict on it.
    """
    options = orjson.OPT_INDENT_2 | orjson.OPT_SERIALIZE_NUMPY
    facts = _case_facts(case, np.ascontiguousarray) | dict(evidence or {})
    return orjson.dumps(facts, option=options).decode()


def _case_facts(case: Case, numbers: Callable[[NDArray[np.float32]], Any]) -> dict[str, Any]:
    film, prediction = case.radiograph, case.prediction
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
        "modality": film.modality,
        "simulated": film.simulated,
        **remark_facts(case),
        "organ": case.organ,
        "model_id": prediction.model_id,
        "weights_sha256": prediction.weights_sha256,
        "findings": list(prediction.findings),
        "probabilities": numbers(prediction.probabilities),
        "logits": numbers(prediction.logits),
        "thresholds": numbers(prediction.thresholds),
        "intervals": [] if prediction.intervals is None else numbers(prediction.intervals),
        "prediction_set": list(prediction.prediction_set),
        "answers": [prediction.answer(finding) for finding in prediction.findings],
        "answer": answer_facts(case.answer),
        "boxes": boxes_facts(case.detections),
        "explanations": [
            {
                "finding": explanation.finding,
                "method": explanation.method,
                "layer": explanation.layer,
                "raw_max": explanation.raw_max,
                "raw_map": numbers(explanation.raw_map),
                "to_source": explanation.to_source.matrix[:2].tolist(),
            }
            | ({"file": map_file_facts(explanation.file)} if explanation.file else {})
            for explanation in case.explanations
        ],
        "lungs": lungs_facts(case),
    }


def remark_facts(case: Case) -> dict[str, Any]:
    """What a reader of any result of a Case must know: changes made while reading, the gate, the model."""
    return {
        "notes": list(case.radiograph.notes),
        "color": case.radiograph.color,
        "gate": {"accepted": case.gate.accepted, "kind": case.gate.kind, "reason": case.gate.reason},
        "familiarity": familiarity_facts(case.gate),
        "fallback": case.fallback,
    }


def map_file_facts(file: MapFile) -> dict[str, Any]:
    """Convert the facts about the file of a map to plain values."""
    return {
        "name": file.name,
        "sha256": file.sha256,
        "scale": list(file.scale) if file.scale else None,
        "note": file.note,
    }


def answer_facts(answer: Answer) -> dict[str, Any]:
    """Convert an answer to plain values."""
    return {
        "finding": answer.finding,
        "called": list(answer.called),
        "certainty": answer.certainty,
        "confidence": answer.confidence,
        "reasons": list(answer.reasons),
        "statement": answer.statement,
    }


def familiarity_facts(gate: GateResult) -> dict[str, Any] | None:
    """Convert the familiarity of a film to plain values; None if it was not determined."""
    if gate.familiarity is None:
        return None
    return {"region": gate.familiar_region, "closer_than": gate.familiarity, "sentence": gate.compared}


def boxes_facts(detections: Detections | None) -> list[dict[str, Any]] | None:
    """Convert candidate boxes to plain values, the highest score first; None for a model without boxes."""
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


def lungs_facts(case: Case) -> dict[str, Any] | None:
    """Convert the lungs and the shares of evidence in them to plain values; None for a Case without lungs."""
    if case.lungs is None:
        return None
    return {
        "problem": case.lungs.problem,
        "outlines": [_numbers(outline) for outline in case.lungs.outlines],
        "evidence": [
            {"finding": explanation.finding, "method": explanation.method, "shares": shares}
            for explanation in case.explanations
            if (shares := case.lungs.shares(explanation))
        ],
    }


def check_facts(check: Check) -> dict[str, Any]:
    """Convert a Check to plain values; undefined figures become None."""
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


def verdict_facts(verdict: MapVerdict) -> dict[str, Any]:
    """Convert the verdict on a map to plain values; undefined figures become None."""
    return {
        "support": verdict.support,
        "reason": verdict.reason,
        "score": _figure(verdict.score),
        "meaningless_supported": _figure(verdict.meaningless_supported),
        "true_supported": _figure(verdict.true_supported),
    }


def _figure(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _numbers(values: NDArray[np.float32]) -> list[Any]:
    """Nested lists of floats, each with the shortest digits that read back as the same float32."""
    numbers: list[Any] = orjson.loads(
        orjson.dumps(np.ascontiguousarray(values), option=orjson.OPT_SERIALIZE_NUMPY)
    )
    return numbers
