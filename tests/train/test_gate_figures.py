"""Figures of the gate: Wilson's interval, and the groups of films."""

import numpy as np
import pytest
from PIL import Image

from tests.conftest import gradient_film
from xray.errors import UnusableData
from xray.models.registry import entry
from xray.train.card_sections import gate_table
from xray.train.film import Film
from xray.train.gate_figures import Kind, for_a_chest_model, row, totals
from xray.train.renderings import RENDERINGS, renderings
from xray.types import Radiograph


def test_the_interval_equals_wilsons_formula():
    page, speck = renderings("document", 1)[0], Radiograph(np.eye(40, dtype=np.float32), "speck.png")
    given = row(entry(), Kind("mixed", "not an X-ray", [page] * 3 + [speck] * 7))
    assert (given["n"], given["refused"], given["share"]) == (10, 10, 1.0)
    assert given["kinds"] == {"not an X-ray": 3, "too small": 7}
    z = 1.959964  # Wilson 1927: (p + z^2/2n -+ z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n), with p = 1, n = 10
    middle, half = 1 + z * z / 20, z * np.sqrt(z * z / 400)
    assert given["low"] == pytest.approx((middle - half) / (1 + z * z / 10), abs=1e-6)
    assert given["high"] == pytest.approx((middle + half) / (1 + z * z / 10), abs=1e-6)


@pytest.fixture
def groups(training_data, monkeypatch) -> dict[str, Kind]:
    """The groups of training data with one chest film and one hand; renderings are only counted."""
    monkeypatch.setattr("xray.train.gate_figures.renderings", lambda _kind, count: range(count))
    films = []
    for folder, finding in (("chest", "chest"), ("region", "hand")):
        path = training_data / "data" / folder / f"{finding}.png"
        path.parent.mkdir(parents=True)
        Image.fromarray(np.uint8(255 * gradient_film().pixels)).save(path)
        films.append(Film(path, frozenset({finding}), finding, "test"))
    return {kind.reason: kind for kind in for_a_chest_model(films)}


def test_degraded_films_are_changed_as_their_names_state(groups):
    (film,) = groups["chest film, chest"].films
    changes = {
        "chest film turned by 90 degrees": ("sideways", np.rot90(film.pixels)),
        "chest film turned by 180 degrees": ("upside down", np.rot90(film.pixels, 2)),
        "chest film turned by 270 degrees": ("sideways", np.rot90(film.pixels, 3)),
        "chest film inverted": ("inverted", 1 - film.pixels),
    }
    for reason, (should_be, pixels) in changes.items():
        assert groups[reason].should_be == should_be
        (spoiled,) = groups[reason].films
        assert np.array_equal(spoiled.pixels, pixels), reason
    (small,), (faint,) = (
        groups[f"chest film {change}"].films for change in ("shrunk to 32 px", "squeezed to 2% contrast")
    )
    assert small.pixels.shape == (32, 32)
    assert np.ptp(faint.pixels) <= 0.02


def test_every_film_is_predicted_under_its_name(groups):
    assert [film.name for film in groups["hand"].films] == ["hand.png"]
    assert groups["hand"].should_be == "another region"
    assert list(groups["shoulder"].films) == list(groups["chest film, pneumonia"].films) == []
    assert all(len(groups[kind].films) == 30 for kind in RENDERINGS)


def test_an_empty_group_is_reported():
    with pytest.raises(UnusableData, match="no films of shoulder"):
        row(entry(), Kind("shoulder", "another region", []))


@pytest.mark.parametrize("kind", RENDERINGS)
def test_pictures_are_the_same_for_a_seed_and_others_for_another(kind):
    first, again, other = renderings(kind, 3), renderings(kind, 3), renderings(kind, 3, seed=1)
    assert [one.sha256 for one in first] == [one.sha256 for one in again]
    assert len({one.sha256 for one in first + other}) == 6


def test_totals_count_all_images_of_their_novelty_and_model():
    page = renderings("document", 1)[0]
    limbs = entry("fracture-yolov8n")
    rows = [
        row(model, Kind("page", "", [page] * 3, "unfamiliar kind")) for model in (entry(), entry(), limbs)
    ]
    rows.append(row(entry(), Kind("page", "", [page])))
    given = totals(rows)
    assert [(one["n"], one["refused"], one["model_regions"][:1]) for one in given] == [
        (6, 6, ["chest"]),
        (3, 3, ["hand"]),
    ]


def test_the_table_lists_every_kind_with_its_interval():
    page = renderings("document", 1)[0]
    rows = [row(entry(), Kind("page", "not an X-ray", [page] * 3, "unfamiliar kind"))]
    assert "| page | chest films | not an X-ray | 100.0% | 3 | 43.9% to 100.0% |" in gate_table(rows)
