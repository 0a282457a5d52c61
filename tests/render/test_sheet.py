"""Pictures on a sheet have the expected position and complete captions."""

import numpy as np
import pytest

from xray.render.sheet import GAP, LINE, sheet

SIDE = 100


def plain(color: tuple[int, int, int], height: int = SIDE, width: int = SIDE) -> np.ndarray:
    return np.full((height, width, 3), color, np.uint8)


@pytest.mark.parametrize(("number", "columns", "rows"), [(1, 1, 1), (3, 3, 1), (4, 3, 2), (12, 3, 4)])
def test_every_picture_is_at_its_position(number, columns, rows):
    colors = [(10 + 20 * one, 255 - 20 * one, 7) for one in range(number)]
    drawn = sheet([(plain(color), "one line") for color in colors], columns, "foot", SIDE)
    down = SIDE + LINE + GAP
    assert drawn.shape == (rows * down + GAP + LINE, columns * (SIDE + GAP) + GAP, 3)
    for place, color in enumerate(colors):
        top, left = GAP + place // columns * down, GAP + place % columns * (SIDE + GAP)
        assert (drawn[top : top + SIDE, left : left + SIDE] == color).all()


def test_a_tall_picture_is_fitted_and_centered():
    drawn = sheet([(plain((200, 0, 0), 400, 100), "")], 1, "", SIDE)
    red = np.argwhere(drawn[..., 0] == 200)
    assert np.ptp(red, axis=0).tolist() == [SIDE - 1, SIDE // 4 - 1]
    assert red[:, 1].mean() == pytest.approx(GAP + SIDE / 2, abs=1)


def test_text_is_written_under_its_picture():
    without, written = (sheet([(plain((0, 0, 0)), text)], 1, "", SIDE) for text in ("", "Grad-CAM"))
    changed = np.argwhere((without != written).any(-1))
    assert len(changed) > 50
    assert changed[:, 0].min() >= GAP + SIDE
    assert changed[:, 1].min() >= GAP
