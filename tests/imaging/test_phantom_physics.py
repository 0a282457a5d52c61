"""Physics of the simulated radiographs, against arithmetic and Poisson statistics."""

import numpy as np
import pytest

from xray.imaging.phantom.physics import (
    CORTICAL_BONE,
    IDEAL,
    SOFT_TISSUE,
    Exposure,
    FilmCurve,
    detect,
    develop,
    transmission,
)
from xray.imaging.phantom.solids import Grid, Solid, ellipsoid, path_lengths, trace
from xray.imaging.phantom.tubes import Tube, project

GRID = Grid.over((96, 80), 96.0)  # 1 mm pixels


def test_a_ray_at_offset_d_crosses_a_sphere_over_twice_the_root_of_r2_minus_d2():
    offset = np.hypot(GRID.x - 3.0, GRID.y + 7.0)
    expected = 2.0 * np.sqrt(np.clip(20.0**2 - offset**2, 0.0, None))
    (length,) = path_lengths([ellipsoid(GRID, (3.0, -7.0, 11.0), (20.0, 20.0, 20.0))])
    np.testing.assert_allclose(length, expected, atol=2e-3)  # float32 near a chord's end


def test_a_tilted_ellipsoid_keeps_its_volume_and_turns_clockwise():
    (length,) = path_lengths([ellipsoid(GRID, (0.0, 0.0, 0.0), (30.0, 12.0, 20.0), tilt=33.0)])
    assert length.sum() == pytest.approx(4 / 3 * np.pi * 30 * 12 * 20, rel=5e-3)
    assert length[58, 56] > 25 > length[37, 56] == 0  # 16 mm to the right, 10 mm below and above the middle


def test_a_homogeneous_slab_transmits_by_beer_and_lambert():
    near = np.zeros(GRID.shape, np.float32)
    optical_depth, _ = trace([(SOFT_TISSUE, Solid(near, near + 50.0))])
    seen = detect(transmission(optical_depth), IDEAL, GRID.pitch, np.random.default_rng(0))
    np.testing.assert_allclose(seen, np.exp(-SOFT_TISSUE * 50.0), rtol=1e-5)


def test_a_bone_inside_a_ball_replaces_soft_tissue():
    flesh, bone = (ellipsoid(GRID, (0.0, 0.0, 0.0), (radius,) * 3) for radius in (30.0, 10.0))
    optical_depth, _ = trace([(SOFT_TISSUE, flesh), (CORTICAL_BONE, bone)])
    offset = np.hypot(GRID.x, GRID.y)
    outer, inner = (2.0 * np.sqrt(np.clip(radius**2 - offset**2, 0.0, None)) for radius in (30.0, 10.0))
    np.testing.assert_allclose(
        optical_depth, SOFT_TISSUE * (outer - inner) + CORTICAL_BONE * inner, atol=2e-4
    )


def test_where_solids_overlap_each_millimeter_belongs_to_the_last_of_them():
    rng = np.random.default_rng(1)
    solids = [ellipsoid(GRID, tuple(rng.uniform(-15, 15, 3)), tuple(rng.uniform(8, 30, 3))) for _ in range(6)]
    z = np.arange(-60.0, 60.0, 0.05)[:, None, None] + 0.025
    owner = np.full((z.size, *GRID.shape), -1)
    for i, one in enumerate(solids):
        owner[(one.near < z) & (z < one.far)] = i
    counted = np.stack([(owner == i).sum(axis=0) * 0.05 for i in range(6)])
    assert np.abs(path_lengths(solids) - counted).max() < 0.05 * 6  # a step for each border a ray can cross


def test_a_straight_tube_is_as_thick_as_a_cylinder():
    across = np.abs(GRID.x[0])
    thick = project(GRID, [Tube([(0.0, -40.0, 0.0), (0.0, 40.0, 0.0)], 12.0, 8.0)])[38:58].mean(axis=0)
    inside = across < 10.0  # 1 mm pixels cannot follow the edge
    expected = 2.0 * 8.0 * np.sqrt(1.0 - (across[inside] / 12.0) ** 2)
    np.testing.assert_allclose(thick[inside], expected, rtol=0.04)
    assert thick[across > 14.0].max() == 0.0


@pytest.mark.parametrize(("core", "wall", "share"), [(1.0, 0.0, 1.0), (0.0, 0.2, 0.36)])
def test_a_bent_tube_keeps_the_volume_of_its_walls(core, wall, share):
    turn = np.linspace(0.0, np.pi / 2, 50)
    path = np.stack([30.0 * np.cos(turn) - 15.0, 20.0 * np.sin(turn) - 10.0, 30.0 * np.sin(turn)], axis=1)
    length = np.linalg.norm(np.diff(path, axis=0), axis=1).sum()
    rounded = 16 / 17  # the mean of 1 - |u|^16 over the tube, its ends being rounded
    volume = project(GRID, [Tube(path, 6.0, 4.0, core=core, wall=wall)]).sum() * GRID.pitch**2
    assert volume == pytest.approx(np.pi * 6.0 * 4.0 * length * rounded * share, rel=0.02)


@pytest.mark.parametrize("passed", [0.9, 0.05])
def test_quantum_noise_has_the_poisson_variance(passed):
    draws = 1000.0 * detect(np.full((200, 200), passed), Exposure(1000.0, 0.0), 1.0, np.random.default_rng(2))
    assert draws.mean() == pytest.approx(1000.0 * passed, rel=5 / np.sqrt(1000.0 * passed * draws.size))
    # over n draws the ratio of variance to mean has a standard error of about sqrt(2 / n); five of them
    assert draws.var() / draws.mean() == pytest.approx(1.0, abs=5 * np.sqrt(2 / draws.size))


def test_blur_spreads_a_point_by_its_standard_deviation_and_loses_nothing():
    point = np.zeros(GRID.shape)
    point[48, 40] = 1.0
    spread = detect(point, Exposure(None, blur_mm=4.0), 2.0, np.random.default_rng(0))
    assert spread.sum() == pytest.approx(1.0)
    assert (spread.sum(axis=1) * (np.arange(96) - 48) ** 2).sum() == pytest.approx(2.0**2, rel=0.02)


def test_a_film_is_black_in_the_open_field_white_behind_lead_and_rises_between():
    depths = np.array([0.0, 0.5, 1.5, 2.0, 4.0, np.inf])
    shown = develop(transmission(depths), FilmCurve(middle=2.0, latitude=0.5))
    assert (shown[0], shown[-1]) == (0.0, 1.0)
    assert shown[3] == pytest.approx(0.5, abs=np.exp(-2.0 / 0.5))
    assert (np.diff(shown) > 0).all()
