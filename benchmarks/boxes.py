"""Box detection on one film compared with Ultralytics' predictor, with the same weights, in one run.

python -m benchmarks.boxes FILM --json
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from benchmarks.timing import as_text, medians
from xray.io import read_radiograph
from xray.models.classifier import load_classifier
from xray.models.detector import chosen, detect
from xray.models.weights import decode_weights
from xray.models.yolo import DetectionModel
from xray.settings import settings

CONFIDENCE, OVERLAP = 0.25, 0.5


def measure(film: Path, model_id: str, rounds: int, warmup: int) -> dict[str, float]:
    """Medians in milliseconds and their ratio; both calls start from decoded pixels."""
    from ultralytics import YOLO  # after xray.models.yolo, which tells it to stay offline

    detector = load_classifier(model_id)
    weights = settings().weights_dir / detector.entry.weights
    radiograph = read_radiograph(film.read_bytes(), film.name)
    theirs = YOLO(f"{detector.entry.architecture}.yaml", verbose=False)
    theirs.model = DetectionModel(theirs.model.yaml, nc=len(detector.entry.findings), verbose=False)
    theirs.model.load_state_dict(decode_weights(weights.read_bytes()))
    gray = np.rint(radiograph.pixels * 255).astype(np.uint8)
    colors = np.repeat(gray[..., None], 3, axis=2)
    options = {"imgsz": detector.entry.input_size, "conf": CONFIDENCE, "iou": OVERLAP, "verbose": False}

    def ours() -> None:
        chosen(detect(detector, radiograph), CONFIDENCE, OVERLAP)

    timed = {"ours_ms": ours, "ultralytics_ms": lambda: theirs.predict(colors, **options)}
    figures = medians(timed, rounds, warmup)
    return figures | {"ratio": figures["ours_ms"] / figures["ultralytics_ms"]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("film", type=Path)
    parser.add_argument("--model", default="fracture-yolov8n")
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--warmup", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    figures = measure(given.film, given.model, given.rounds, given.warmup)
    print(as_text(figures, as_json=given.json))


if __name__ == "__main__":
    main()
