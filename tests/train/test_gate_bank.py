"""The feature bank: films by region and collection, limits by hand, a collection left out."""

from pathlib import Path

import pytest
import torch

from tests.models.test_gate_familiarity import fan
from xray.errors import UnusableData
from xray.train.film import Film
from xray.train.gate_bank import QUANTILE, QUANTILES, Group, bank_of, by_group


def group(region: str, collection: str, start: float, held_out: list[float]) -> Group:
    """Five equal films in a direction, in degrees, and held-out films in others."""
    return Group(region, collection, fan([start] * 5), fan(held_out))


def angle(distance: float) -> float:
    return float(torch.rad2deg(torch.arccos(torch.tensor(1 - distance))))


@pytest.fixture
def groups() -> list[Group]:
    return [
        group("chest", "A", 0, [0, 2]),
        group("chest", "B", 10, [10, 11]),
        group("hand", "A", 90, [90, 95]),
    ]


def test_films_are_upright_and_grouped_by_region_and_collection(training_data):
    data = training_data / "data"

    def film(path: str, *labels: str, source: str = "") -> Film:
        return Film(Path(data / path), frozenset(labels), path, "", source=source, turns=1, inverted=True)

    found = by_group(
        [
            film("region/a.png", "hand", "inverted", source="mednist"),
            film("chest/b.png", "chest", "sideways", source="repository"),
            film("region/c.png", "not an x-ray", source="photographs"),
        ]
    )
    assert found.keys() == {("hand", "mednist"), ("chest", "chest")}
    assert all(not (one.turns or one.inverted) for films in found.values() for one in films)


def test_held_out_films_are_measured_without_their_collection_for_the_limits(groups):
    bank = bank_of(groups)
    # chest A to B: 10 and 8 degrees; chest B to A: 10 and 11; hand has one collection: 0 and 5
    apart = torch.tensor([1 - torch.cos(torch.deg2rad(torch.tensor(d))) for d in (10.0, 8, 10, 11, 0, 5)])
    expected = [apart.quantile(QUANTILES["chest"]), apart.quantile(QUANTILE)]
    torch.testing.assert_close(bank.limits, torch.stack(expected), atol=1e-5, rtol=0)
    assert bank.regions == ("chest", "hand")
    assert bank.region.tolist() == [0] * 10 + [1] * 5


def test_familiarity_is_measured_with_all_collections(groups):
    bank = bank_of(groups)
    chest, hand = bank.held_out
    assert angle(float(chest[-1])) == pytest.approx(2, abs=0.2), "2 degrees from A"
    assert angle(float(hand[-1])) == pytest.approx(5, abs=0.1)


def test_a_collection_that_is_left_out_has_no_influence(groups):
    bank = bank_of(groups, without="A")
    assert bank.regions == ("chest",)
    torch.testing.assert_close(bank.features, fan([10] * 5))
    assert angle(float(bank.limits[0])) == pytest.approx(1, abs=0.2)


def test_too_few_films_are_a_message(groups):
    with pytest.raises(UnusableData, match="needs 5 films"):
        bank_of([Group("chest", "A", fan([0, 1]), fan([0]))])
