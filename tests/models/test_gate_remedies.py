"""Films that the gate refuses for their orientation, gray values or colors are corrected on request."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from tests.corpus import raster
from xray.imaging.phantom import simulated_samples
from xray.io import read_radiograph
from xray.models.gate import CROP, REMEDIES, check_input, remedied, remedy
from xray.models.registry import entry


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (lambda film: 1 - film, "inverted"),
        (lambda film: np.rot90(film), "sideways"),
        (lambda film: np.rot90(film, 3), "sideways"),
        (lambda film: np.rot90(film, 2), "upside down"),
    ],
)
def test_the_corrected_film_is_the_original_one(change, kind):
    film = replace(simulated_samples()[0].build().radiograph, spacing_mm=(0.2, 0.3))
    spoiled = replace(
        film,
        pixels=np.ascontiguousarray(change(film.pixels)),
        spacing_mm=(0.3, 0.2) if kind == "sideways" else (0.2, 0.3),
    )
    assert check_input(spoiled, entry()).kind == kind
    assert remedy(spoiled, kind) == REMEDIES[kind]
    corrected = remedied(spoiled, kind, entry())
    np.testing.assert_allclose(corrected.pixels, film.pixels, atol=1e-6)
    assert corrected.spacing_mm == film.spacing_mm
    assert corrected.notes[-1].endswith("by the user.")
    assert check_input(corrected, entry()).accepted


def test_a_color_photograph_of_a_film_is_cropped_and_one_without_corners_is_not():
    film = simulated_samples()[0].build().radiograph.pixels
    height, width = film.shape
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    places = np.array([(70, 60), (width + 60, 75), (width + 70, height + 80), (55, height + 70)], np.float32)
    move, size = cv2.getPerspectiveTransform(corners, places), (width + 130, height + 140)
    inside = cv2.warpPerspective(np.ones_like(film), move, size)[..., None]
    light = np.array([1.0, 0.9, 0.45])  # of the light box
    picture = inside * 0.8 * cv2.warpPerspective(film, move, size)[..., None] * light + (1 - inside) * light
    photograph = read_radiograph(raster(np.uint8(255 * picture), "PNG"), "photograph.png")
    refused = check_input(photograph, entry())
    assert refused.kind in ("colored", "partly colored")
    assert remedy(photograph, refused.kind) == CROP
    cropped = remedied(photograph, refused.kind, entry())
    again = cv2.resize(cropped.pixels, (width, height))
    assert np.corrcoef(again.ravel(), film.ravel())[0, 1] > 0.98
    assert check_input(cropped, entry()).accepted
    assert cropped.notes[-1] == "The colors of the photograph are not used."
    without = replace(photograph, pixels=np.full_like(photograph.pixels, 0.5))
    assert remedy(without, refused.kind) == ""
