"""Films that the gate refuses for their orientation or gray values are corrected on request."""

from dataclasses import replace

import numpy as np
import pytest

from xray.imaging.phantom import simulated_samples
from xray.models.gate import REMEDIES, check_input, remedied
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
    assert kind in REMEDIES
    corrected = remedied(spoiled, kind, entry())
    np.testing.assert_allclose(corrected.pixels, film.pixels, atol=1e-6)
    assert corrected.spacing_mm == film.spacing_mm
    assert corrected.notes[-1].endswith("by the user.")
    assert check_input(corrected, entry()).accepted
