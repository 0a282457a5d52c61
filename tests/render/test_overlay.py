"""Drawing, checked pixel by pixel against arithmetic."""

import dataclasses

import cv2
import matplotlib
import numpy as np
import pytest

from xray.geometry import Affine
from xray.render.overlay import COLORMAPS, MUTED, Drawing, colors, draw, overlay, scale_of, strength, window
from xray.types import Case, Explanation, GateResult, Prediction, Radiograph

FILM = np.array([[0.0, 0.5], [0.8, 1.0]], np.float32)


def case_with(normal: list, pneumonia: list, probabilities=(0.2, 0.8)) -> Case:
    maps = {"Normal": normal, "Pneumonia": pneumonia}
    return Case(
        Radiograph(FILM, "film.png"),
        Prediction(
            "model",
            "0" * 64,
            tuple(maps),
            np.zeros(2, np.float32),
            np.array(probabilities, np.float32),
            np.array([0.5, 0.5], np.float32),
        ),
        tuple(
            Explanation(
                "gradcam", "layer", name, np.array(raw, np.float32), Affine.scale(1, 1), (2, 2), "m", "0" * 64
            )
            for name, raw in maps.items()
        ),
        gate=GateResult(True, "", "", "accepted"),
    )


def test_a_window_is_spread_over_the_whole_range():
    assert window(FILM, 0.65, 0.3).ravel().tolist() == pytest.approx([0, 0, 1, 1], abs=1e-6)
    assert window(FILM, 0.5, 1.0).ravel().tolist() == pytest.approx(FILM.ravel().tolist())
    assert window(FILM, 0.75, 1.0).ravel().tolist() == pytest.approx([0, 0.25, 0.55, 0.75])


def test_no_evidence_leaves_the_film_as_it_is():
    drawn = overlay(FILM, np.zeros_like(FILM), Drawing(opacity=1.0))
    assert drawn[..., 0].tolist() == drawn[..., 2].tolist() == [[0, 128], [204, 255]]


def test_the_opacity_of_a_pixel_grows_from_the_threshold_to_the_highest_evidence():
    values = np.array([[1.0, 0.6], [0.1, 0.2]], np.float32)
    drawn = overlay(FILM, values, Drawing(opacity=0.6, threshold=0.2)).astype(float)
    color = colors(values, "Inferno").astype(float)
    assert drawn[0, 0] == pytest.approx(0.6 * color[0, 0], abs=0.51)
    assert drawn[0, 1] == pytest.approx(0.7 * 127.5 + 0.3 * color[0, 1], abs=0.51)  # half way: 0.6 * 0.5
    assert drawn[1, 0].tolist() == [204, 204, 204]  # under the threshold
    assert drawn[1, 1].tolist() == [255, 255, 255]  # on the threshold: no edge


def test_contours_are_drawn_over_the_map_inside_the_film_only():
    case = case_with([[0, 0], [0, 0]], [[1, 0], [0, 0]])
    large = dataclasses.replace(
        case, radiograph=dataclasses.replace(case.radiograph, pixels=np.zeros((40, 60), np.float32))
    )
    square = np.array([[10.0, 10.0], [30.0, 10.0], [30.0, 30.0], [10.0, 30.0]])
    explanations = tuple(
        dataclasses.replace(one, source_shape=(40, 60), to_source=Affine.scale(30, 20))
        for one in large.explanations
    )
    large = dataclasses.replace(large, explanations=explanations)
    plain, lined = (draw(large, "Normal", Drawing(), None, lines) for lines in ((), (square,)))
    changed = (plain != lined).any(-1)
    assert changed[10, 10:31].all()
    assert changed[10:31, 30].all()
    assert not changed[14:27, 14:27].any()
    assert not changed[:, 34:].any()


def test_a_muted_map_is_fainter():
    values = np.ones_like(FILM)
    drawn = overlay(np.zeros_like(FILM), values, Drawing(opacity=1.0), muted=True)
    assert drawn[0, 0] == pytest.approx(MUTED * colors(values, "Inferno")[0, 0].astype(float), abs=0.51)


@pytest.mark.parametrize("name", COLORMAPS)
def test_color_maps_are_those_of_matplotlib(name):
    ramp = np.linspace(0, 1, 256, dtype=np.float32)[None]
    expected = matplotlib.colormaps[name.lower()](ramp)[..., :3] * 255
    assert np.abs(colors(ramp, name) - expected).max() <= 2


@pytest.mark.parametrize("name", COLORMAPS)
def test_color_maps_get_brighter_evenly(name):
    """CIE lightness rises all the way, so a reader without color vision sees the same order."""
    ramp = colors(np.linspace(0, 1, 256, dtype=np.float32)[None], name)
    lightness = cv2.cvtColor(ramp.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)[0, :, 0]
    steps = np.diff(lightness[::5])
    assert steps.min() > 0
    assert steps.max() < 3 * np.median(steps)


def test_all_findings_of_a_film_share_a_scale_unless_requested_otherwise():
    case = case_with([[0.5, 0], [0, 0]], [[2.0, 0], [0, 0]])
    assert scale_of(case, "Normal") == scale_of(case, "Pneumonia") == 2.0
    assert scale_of(case, "Normal", per_map=True) == 0.5
    assert strength(case.explanation("Normal").heatmap(), 2.0)[0, 0] == 0.25


def test_negative_evidence_is_never_drawn():
    case = case_with([[-1, -1], [-1, -1]], [[-3, -2], [-1, -4]])
    assert scale_of(case, "Pneumonia") == 0.0
    assert not case.explanation("Pneumonia").has_positive_evidence
    assert draw(case, "Pneumonia", Drawing(opacity=1.0))[..., 0].tolist() == [[0, 128], [204, 255]]


def test_a_finding_below_its_operating_point_is_drawn_muted():
    above = case_with([[0, 0], [0, 0]], [[1, 0], [0, 0]])
    below = case_with([[0, 0], [0, 0]], [[1, 0], [0, 0]], probabilities=(0.8, 0.2))
    drawing = Drawing(opacity=1.0, threshold=0.0)
    strong, faint = (draw(case, "Pneumonia", drawing)[0, 0].astype(float) for case in (above, below))
    assert faint == pytest.approx(MUTED * strong, abs=0.51)


def test_the_peak_is_the_center_of_the_strongest_cell_in_source_pixels():
    explanation = dataclasses.replace(
        case_with([[0, 0], [0, 0]], [[0, 1], [0, 0]]).explanation("Pneumonia"),
        to_source=Affine.scale(50, 30),
        source_shape=(60, 100),
    )
    assert explanation.peak == (75.0, 15.0)
