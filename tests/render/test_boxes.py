"""Boxes on a picture: position, and visibility on black and white."""

import numpy as np
import pytest
from PIL import ImageColor

from xray.render.boxes import FOUND, NEAR, crop, draw_boxes, enlarged
from xray.types import Detections

BOX = [100, 150, 220, 260]


def boxes(*corners: list[int]) -> Detections:
    n = len(corners)
    xyxy = np.float32(corners).reshape(n, 4)
    return Detections(
        "m", ("F",), xyxy, np.linspace(0.9, 0.5, n, dtype=np.float32), np.zeros(n, int), np.arange(n)
    )


def of_color(picture: np.ndarray, color: str) -> np.ndarray:
    return (picture == ImageColor.getrgb(color)).all(-1)


@pytest.mark.parametrize("gray", [0.0, 0.5, 1.0])
def test_the_line_is_on_the_boxs_border_and_the_inside_is_the_film(gray):
    film = np.full((400, 300), gray, np.float32)
    drawn = draw_boxes(film, boxes(BOX))
    left, top, right, bottom = BOX
    line = of_color(drawn, FOUND)
    assert line[top : bottom + 1, left].all()
    assert line[top : bottom + 1, right].all()
    assert line[top, left : right + 1].all()
    assert line[bottom, left : right + 1].all()
    inside = drawn[top + 4 : bottom - 4, left + 4 : right - 4]
    assert (inside == round(gray * 255)).all()
    assert not line[:, : left - 1].any()


def test_a_near_miss_is_thinner_and_of_another_color():
    film = np.zeros((900, 900), np.float32)
    drawn = draw_boxes(film, boxes([100, 100, 300, 300]), boxes([400, 400, 600, 600]))
    assert of_color(drawn, FOUND)[:, 200].sum() > 2 * of_color(drawn, NEAR)[:, 500].sum() > 0


@pytest.mark.parametrize("corners", [[0, 0, 40, 40], [260, 360, 300, 400], [0, 0, 300, 400]])
def test_a_box_at_the_edge_has_its_label_on_the_film(corners):
    film = np.full((400, 300), 0.5, np.float32)
    alone = draw_boxes(film, boxes(corners))
    assert of_color(alone, "#000000").sum() > 20, "the label's ground"


def test_labels_of_boxes_at_one_place_do_not_cover_each_other():
    film, same = np.full((400, 300), 0.5, np.float32), [[100, 100, 200, 160]] * 4
    alone, all_four = (
        of_color(draw_boxes(film, boxes(*corners)), "#000000").sum() for corners in (same[:1], same)
    )
    assert all_four == pytest.approx(4 * alone, rel=0.1)  # the digits differ


def test_a_crop_shows_the_box_and_its_surroundings_within_the_film():
    film = np.zeros((400, 300), np.float32)
    rows, columns = crop(film, np.float32(BOX))
    assert (rows.start, rows.stop, columns.start, columns.stop) == (79, 331, 24, 296)
    rows, columns = crop(film, np.float32([0, 390, 10, 400]))
    assert (rows.stop, columns.start) == (400, 0)


def test_an_enlarged_box_is_outlined_where_it_is():
    picture = np.zeros((400, 300, 3), np.uint8)
    picture[200:220, 150:190] = 255
    corners = np.float32([140, 190, 200, 230])
    drawn = enlarged(picture, corners)
    rows, columns = crop(picture, corners)
    factor = 480 / max(rows.stop - rows.start, columns.stop - columns.start)
    assert max(drawn.shape[:2]) == 480
    line = of_color(drawn, FOUND)
    top, left = (np.flatnonzero(line.any(axis))[0] for axis in (1, 0))
    assert (top, left) == pytest.approx(((190 - rows.start) * factor, (140 - columns.start) * factor), abs=1)
    white = np.argwhere((drawn == 255).all(2))
    assert white.min(0) == pytest.approx(
        ((200 - rows.start) * factor, (150 - columns.start) * factor), abs=factor
    )
