import cv2
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.ndimage import map_coordinates

from xray.geometry import Affine

sides = st.integers(8, 4000)
factors = st.floats(-3, 3).filter(lambda value: abs(value) > 0.05)


@given(sides, sides, sides, sides, st.floats(0, 1), st.floats(0, 1))
def test_a_point_comes_back_from_the_network_input(height, width, target_height, target_width, u, v):
    there = Affine.stretch((height, width), (target_height, target_width))
    point = np.array([[u * width, v * height]])
    moved = there.apply(point)
    assert moved == pytest.approx(np.array([[u * target_width, v * target_height]]), abs=1e-6)
    assert there.inverse().apply(moved) == pytest.approx(point, abs=1e-6)


@given(factors, factors, factors, factors, st.floats(-500, 500), st.floats(-500, 500))
def test_any_affine_and_its_inverse_cancel(xx, xy, yx, yy, x0, y0):
    assume(abs(xx * yy - xy * yx) > 0.05)
    affine = Affine(xx, xy, x0, yx, yy, y0)
    points = np.array([[0.0, 0.0], [100.0, -7.5], [3.25, 640.0]])
    assert affine.then(affine.inverse()).apply(points) == pytest.approx(points, abs=1e-4)


def test_then_applies_the_first_one_first():
    shift, double = Affine(1, 0, 10, 0, 1, 0), Affine.scale(2, 2)
    assert shift.then(double).apply(np.array([[1.0, 1.0]])).tolist() == [[22.0, 2.0]]
    assert double.then(shift).apply(np.array([[1.0, 1.0]])).tolist() == [[12.0, 2.0]]


@pytest.mark.parametrize("shape", [(224, 224), (100, 333), (7, 7)])
def test_enlarging_a_map_is_what_opencv_does(shape):
    raw_map = np.random.default_rng(0).normal(size=(7, 9)).astype(np.float32)
    ours = Affine.stretch(raw_map.shape, shape).warp(raw_map, shape)
    assert ours == pytest.approx(cv2.resize(raw_map, shape[::-1], interpolation=cv2.INTER_LINEAR), abs=1e-5)


def test_a_shifted_rotated_map_lands_where_arithmetic_says():
    raw_map = np.zeros((10, 10), np.float32)
    raw_map[2, 3] = 1.0  # center at x 3.5, y 2.5
    quarter_turn = Affine(0, -1, 20, 1, 0, 5)  # x' = 20 - y, y' = x + 5
    drawn = quarter_turn.warp(raw_map, (30, 30))
    assert np.unravel_index(drawn.argmax(), drawn.shape) == (8, 17)  # center at x 17.5, y 8.5
    assert drawn[8, 17] == pytest.approx(1.0)


axis_aligned = st.tuples(factors, factors, st.floats(-40, 40), st.floats(-40, 40))


@given(axis_aligned, st.sampled_from([None, 0.0, 0.7]), st.integers(1, 9), st.integers(1, 9))
def test_stretches_shifts_and_mirrors_are_those_of_scipy(parameters, fill, height, width):
    x, y, x0, y0 = parameters
    pixels = np.random.default_rng(0).normal(size=(height, width)).astype(np.float32)
    warped = Affine(x, 0, x0, 0, y, y0).warp(pixels, (31, 17), fill)
    rows = (np.arange(31) + 0.5 - y0) / y - 0.5
    columns = (np.arange(17) + 0.5 - x0) / x - 0.5
    mode = "nearest" if fill is None else "grid-constant"
    grid = np.meshgrid(rows, columns, indexing="ij")
    expected = map_coordinates(pixels.astype(np.float64), grid, order=1, mode=mode, cval=fill or 0.0)
    assert warped.dtype == np.float32
    assert warped == pytest.approx(expected, abs=1e-3)  # coordinates in single precision
