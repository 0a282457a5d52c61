"""The lesion lab against the attenuation law, a planted model, and a film whose content is known."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from tests.evidence.planted import classifier_of
from tests.lungs import planted_lungs
from xray.errors import InvalidRequest
from xray.geometry import Affine
from xray.models.classifier import Classifier
from xray.types import Explanation, Radiograph
from xray.whatif.lesion_lab import (
    SIZE,
    Insertion,
    extent,
    finding_for,
    inserted,
    removed,
    smallest_crossing,
    surface,
)
from xray.whatif.lesion_place import allowed, centers, map_place, map_places

GRAY = 0.3
EVEN = Radiograph(np.full((96, 96), GRAY, np.float32), "even.png")
SLOPE = Radiograph(np.tile(np.linspace(0.2, 0.6, 96, dtype=np.float32), (96, 1)), "slope.png")
DISC = Insertion("disc", 40.0, 60.0, 0.1, 0.7)


def at_center(contrast: float) -> float:
    """Beer-Lambert law by hand."""
    return 1 - (1 - GRAY) * math.exp(-contrast)


def test_a_lesion_is_inserted_where_and_as_dense_as_requested():
    film = inserted(EVEN, DISC)
    assert film.pixels[60, 40] == pytest.approx(at_center(0.7), abs=1e-5)
    rows, columns = np.nonzero(film.pixels - EVEN.pixels > 0.01)
    assert (rows.mean(), columns.mean()) == pytest.approx((60, 40), abs=0.6)
    assert "disc inserted at 40, 60, radius 10.0% of the width, optical density 0.70" in film.notes[-1]


def test_the_seed_repeats_a_lesion():
    mass = Insertion("mass", 50.0, 50.0, 0.15, 0.8, seed=3)
    assert (inserted(EVEN, mass).pixels == inserted(EVEN, mass).pixels).all()
    other = Insertion("mass", 50.0, 50.0, 0.15, 0.8, seed=4)
    assert not (inserted(EVEN, mass).pixels == inserted(EVEN, other).pixels).all()


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"size": 0.5}, "size of a lesion cannot be 0.5"),
        ({"contrast": math.nan}, "contrast of a lesion cannot be nan"),
        ({"x": 200.0}, "200, 60 lies outside the film"),
        ({"kind": "star"}, "lesion 'star'"),
    ],
)
def test_what_cannot_be_inserted_is_refused(facts, message):
    given = {"kind": "disc", "x": 40.0, "y": 60.0, "size": 0.1, "contrast": 0.7} | facts
    with pytest.raises(InvalidRequest, match=message):
        inserted(EVEN, Insertion(**given))


def test_removing_an_inserted_lesion_restores_a_smooth_film_and_changes_nothing_else():
    mask = extent(DISC.on((96, 96)))
    film = removed(inserted(SLOPE, DISC), mask)
    assert np.abs(film.pixels - SLOPE.pixels)[mask].max() < 0.03, "the lesion brightened it by up to 0.38"
    np.testing.assert_array_equal(film.pixels[~mask], inserted(SLOPE, DISC).pixels[~mask])
    assert "inpainted" in film.notes[-1]
    with pytest.raises(InvalidRequest, match="nothing to inpaint"):
        removed(SLOPE, np.zeros((96, 96), bool))


class Bright(nn.Module):
    """The log-odds are 20 times the gray at one pixel, minus 10: even odds at a gray of 0.5."""

    def forward(self, films: torch.Tensor) -> torch.Tensor:
        return 20 * films[:, :1, 60, 40] - 10


def test_the_surface_is_that_of_a_planted_model_and_its_crossing_is_where_it_must_be():
    model = classifier_of(Bright(), input_size=96)
    done = []
    found = surface(model, EVEN, DISC, done.append)
    assert (found.sizes[[0, -1]], found.contrasts[[0, -1]]) == (
        pytest.approx(SIZE),
        pytest.approx((0.05, 1.6)),
    )
    assert np.allclose(np.diff(np.log(found.contrasts)), np.diff(np.log(found.contrasts))[0])
    expected = [1 / (1 + math.exp(10 - 20 * at_center(contrast))) for contrast in found.contrasts.tolist()]
    for row in found.probabilities[2:, :, 0]:  # the smaller ones are blurred over this pixel
        assert row.tolist() == pytest.approx(expected, abs=1e-3)
    assert found.without[0] == pytest.approx(1 / (1 + math.exp(10 - 20 * GRAY)), abs=1e-4)
    needed = -math.log(0.5 / (1 - GRAY))
    first = next(contrast for contrast in found.contrasts.tolist() if contrast >= needed)
    assert smallest_crossing(found, 0, 0.5)[2:] == pytest.approx([first] * 4)
    assert smallest_crossing(found, 0, 0.99999) == [None] * 6
    assert done[-1] == 1
    assert done == sorted(done)


def map_of(values: np.ndarray) -> Explanation:
    to_source = Affine.stretch(values.shape, (96, 96))
    return Explanation("gradcam", "0", "Opacity", values.astype(np.float32), to_source, (96, 96), "m", "0")


def test_a_constant_map_holds_the_share_of_the_area_and_a_map_of_the_lesion_all():
    region = np.zeros((96, 96), bool)
    region[24:48, 48:72] = True  # cells 1, 2 of a map of 4 x 4
    even = map_place(map_of(np.ones((4, 4))), region)
    assert even.inside == pytest.approx(even.area) == pytest.approx(1 / 16)
    there, elsewhere = np.zeros((96, 96)), np.zeros((96, 96))
    there[24:48, 48:72] = elsewhere[60:80, 10:20] = 1
    assert map_place(map_of(there), region).inside == pytest.approx(1)
    assert map_place(map_of(there), region).hit
    assert map_place(map_of(elsewhere), region).inside == pytest.approx(0)
    assert not map_place(map_of(elsewhere), region).hit
    nothing = map_place(map_of(-np.ones((4, 4))), region)
    assert (nothing.inside, nothing.hit) == (0.0, False)
    faint = -np.ones((4, 4))
    faint[1, 2] = 1e-4  # at the center of its cell, between pixels
    assert map_of(faint).has_positive_evidence
    vanished = map_place(map_of(faint), region)
    assert (vanished.inside, vanished.hit) == (0.0, False)


def finder(sign: float) -> Classifier:
    """Grad-CAM is the gray above 0.4, which only the lesion has, or below it with a sign of -1."""
    conv = nn.Conv2d(3, 1, 1)
    with torch.no_grad():
        conv.weight[:] = torch.tensor([sign, 0.0, 0.0])[None, :, None, None]
        conv.bias[:] = -0.4 * sign
    module = nn.Sequential(nn.Sequential(conv, nn.ReLU()), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    return classifier_of(module, input_size=96)


def test_the_maps_of_a_model_that_sees_only_the_lesion_lie_in_it_and_those_of_the_opposite_do_not():
    points = centers(np.ones((96, 96), bool), 6, seed=0)
    found = map_places(finder(1), EVEN, DISC, "Opacity", points)
    assert all(place.hit for place in found)
    assert min(place.inside for place in found) > 0.95
    found = map_places(finder(-1), EVEN, DISC, "Opacity", [(48.0, 48.0), (60.0, 50.0)])
    assert [place.area for place in found] == pytest.approx([math.pi * 9.6**2 / 96**2] * 2, rel=0.3)
    assert not any(place.hit for place in found)
    assert max(place.inside for place in found) < 0.01


def test_places_lie_in_the_lungs_if_they_are_known_and_repeat_with_their_seed():
    lungs = planted_lungs((96, 96))
    mask = allowed(EVEN, lungs)
    points = centers(mask, 50, seed=2)
    assert all(lungs.zone_at(*point) != "outside the lungs" for point in points)
    assert points == centers(mask, 50, seed=2) != centers(mask, 50, seed=3)
    with pytest.raises(InvalidRequest, match="no place for a lesion"):
        centers(np.zeros((8, 8), bool), 1, seed=0)


def test_a_lesion_is_evidence_for_the_finding_of_its_name_or_for_pneumonia():
    assert finding_for("nodule", ["No Finding", "Effusion", "Nodule"]) == "Nodule"
    assert finding_for("disc", ["Normal", "Pneumonia"]) == "Pneumonia"
    assert finding_for("mass", ["Fracture"]) == "Fracture"
