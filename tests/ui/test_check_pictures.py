"""Curves of a check are drawn at the shares where they were measured."""

import re

import numpy as np
import pytest

from xray.evidence import CHECKS
from xray.ui.analyze.check_pictures import AXES, LEFT, WIDTH, curves_svg


def test_points_lie_at_their_shares_and_the_axis_has_its_range():
    values = np.array([0, 1, 0.5], np.float32)
    drawn = curves_svg({"hidden": values}, "part hidden", "log-odds", (0, 0.25, 1), 0.25)
    (points,) = re.findall(r'<polyline points="([^"]+)"', drawn)
    across = [float(point.split(",")[0]) for point in points.split()]
    width = WIDTH - LEFT - 8
    assert across == pytest.approx([LEFT + 2, LEFT + 2 + width / 4, LEFT + 2 + width], abs=0.1)
    assert "part hidden, 0% to 100%" in drawn
    ((left, shaded),) = re.findall(r'<rect x="(\d+)" y="\d+" width="([\d.]+)"', drawn)
    assert (int(left), float(shaded)) == (LEFT, pytest.approx(2 + width / 4, abs=0.1))  # a quarter counts
    assert "<rect" not in curves_svg({"hidden": values}, "part removed", "log-odds", (0.1, 0.5, 0.9))


def test_every_axis_belongs_to_a_check():
    assert AXES.keys() <= CHECKS.keys()
