"""Boxes as files that other tools read: YOLO's text, COCO's JSON, a table."""

from __future__ import annotations

import csv
import io
import json

import numpy as np
from numpy.typing import NDArray

from xray import NOTICE
from xray.io.csv_cells import safe_cells
from xray.types import Detections, Radiograph


def yolo_lines(xyxy: NDArray[np.floating], shape: tuple[int, ...]) -> list[str]:
    """Boxes (n, 4) in px of a film (H, W) as lines of YOLO: class 0, then center and size as shares of it."""
    height, width = shape[:2]
    shares = np.asarray(xyxy, np.float64) / (width, height, width, height)
    return [
        f"0 {(left + right) / 2:.6f} {(top + bottom) / 2:.6f} {right - left:.6f} {bottom - top:.6f}"
        for left, top, right, bottom in shares
    ]


def yolo_text(radiograph: Radiograph, found: Detections) -> str:
    """One line per box of a detector of one finding: class, place and size as shares of the film, score."""
    lines = yolo_lines(found.xyxy, radiograph.pixels.shape)
    return "".join(f"{line} {score:.4f}\n" for line, score in zip(lines, found.confidence, strict=True))


def coco_json(films: list[tuple[Radiograph, Detections]]) -> str:
    """Images, categories and annotations with their scores, in source pixels (COCO, arXiv:1405.0312)."""
    findings = films[0][1].findings if films else ()
    annotations = [
        {
            "image_id": number,
            "category_id": label + 1,
            "bbox": [left, top, right - left, bottom - top],
            "area": (right - left) * (bottom - top),
            "iscrowd": 0,
            "score": score,
        }
        for number, (_, found) in enumerate(films, 1)
        for (left, top, right, bottom), label, score in _rows(found)
    ]
    images = [
        {"id": number, "file_name": film.name, "height": film.pixels.shape[0], "width": film.pixels.shape[1]}
        for number, (film, _) in enumerate(films, 1)
    ]
    return json.dumps(
        {
            "info": {"description": NOTICE},
            "images": images,
            "categories": [{"id": index, "name": name} for index, name in enumerate(findings, 1)],
            "annotations": [{"id": number, **one} for number, one in enumerate(annotations, 1)],
        },
        indent=2,
        ensure_ascii=False,
    )


def boxes_csv(films: list[tuple[Radiograph, Detections]]) -> str:
    """One row per box, in source pixels."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["file", "model", "finding", "score", "left", "top", "right", "bottom"])
    for film, found in films:
        for corners, label, score in _rows(found):
            row = [film.name, found.model_id, found.findings[label], score, *corners]
            rows.writerow(safe_cells(row))
    return text.getvalue()


def _rows(found: Detections) -> list[tuple[list[float], int, float]]:
    """Corners, label and score of every box, with the shortest digits that read back as the same float32."""
    return [
        (corners, label, score)
        for corners, label, score in zip(
            found.xyxy.astype(str).astype(float).tolist(),
            found.class_id.tolist(),
            found.confidence.astype(str).astype(float).tolist(),
            strict=True,
        )
    ]
