"""Boxes as files: read back by hand, by the csv module, and as COCO's own tools expect them."""

import csv
import io
import json

import numpy as np
import pytest

from xray.io.boxes import boxes_csv, coco_json, yolo_text
from xray.train.boxes import read_boxes
from xray.types import Detections, Radiograph

FILM = Radiograph(np.zeros((200, 100), np.float32), "arm, left.png")
FOUND = Detections(
    model_id="m",
    findings=("Fracture",),
    xyxy=np.float32([[10, 20, 30, 60], [0, 0, 100, 200]]),
    confidence=np.float32([0.9, 0.25]),
    class_id=np.zeros(2, int),
    anchor=np.arange(2),
)


def test_yolo_text_is_read_back_by_training_itself(tmp_path):
    (tmp_path / "film.txt").write_text(yolo_text(FILM, FOUND))
    assert yolo_text(FILM, FOUND).splitlines()[0] == "0 0.200000 0.200000 0.200000 0.200000 0.9000"
    shares = np.array(read_boxes(tmp_path / "film.txt"))
    assert shares * (100, 200, 100, 200) == pytest.approx(FOUND.xyxy, abs=1e-4)


def test_coco_has_corners_and_sizes_in_source_pixels():
    none = FOUND.among(np.zeros(2, bool))
    told = json.loads(coco_json([(FILM, FOUND), (FILM, none)]))
    assert told["categories"] == [{"id": 1, "name": "Fracture"}]
    assert [(one["id"], one["height"], one["width"]) for one in told["images"]] == [
        (1, 200, 100),
        (2, 200, 100),
    ]
    first, second = told["annotations"]
    assert (first["id"], first["image_id"], first["category_id"]) == (1, 1, 1)
    assert first["bbox"] == [10, 20, 20, 40]
    assert (first["area"], first["score"]) == (800, 0.9)
    assert second["bbox"] == [0, 0, 100, 200]
    assert "Never for diagnosis" in told["info"]["description"]


def test_a_table_survives_commas_in_names():
    rows = list(csv.DictReader(io.StringIO(boxes_csv([(FILM, FOUND)]))))
    assert [row["file"] for row in rows] == ["arm, left.png"] * 2
    assert [float(rows[0][name]) for name in ("score", "left", "top", "right", "bottom")] == [
        0.9,
        10,
        20,
        30,
        60,
    ]


def test_no_film_is_no_row():
    assert json.loads(coco_json([]))["annotations"] == []
    assert boxes_csv([]).count("\n") == 1
