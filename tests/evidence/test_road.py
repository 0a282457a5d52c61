"""ROAD: removed pixels solve its equations, shares are exact, and the value has the right sign."""

import numpy as np
import pytest
import torch
from pytorch_grad_cam.metrics.road import NoisyLinearImputer, ROADMostRelevantFirst
from scipy.sparse import coo_array
from scipy.sparse.linalg import spsolve
from torch import Tensor

from tests.evidence.planted import CELLS, SIDE, Weighted, classifier_of, dots, square, with_map
from xray.evidence import CHECKS
from xray.evidence.baseline_maps import noise
from xray.evidence.deletion_insertion import ranks
from xray.evidence.road import NOISE, REMOVED, imputed
from xray.imaging.phantom import chest_phantom
from xray.types import Pixels


def solved(film: Pixels, removed: np.ndarray) -> Pixels:
    """Each removed place is the mean of its neighbors, those beside it twice as heavy; solved directly."""
    height, width = film.shape
    numbers = np.arange(film.size).reshape(film.shape)
    rows, columns, values = [], [], []
    for down, across in ((y, x) for y in (-1, 0, 1) for x in (-1, 0, 1) if (y, x) != (0, 0)):
        here = np.s_[max(0, -down) : height - max(0, down), max(0, -across) : width - max(0, across)]
        there = np.s_[max(0, down) : height + min(0, down), max(0, across) : width + min(0, across)]
        unknown = removed[here]
        rows.append(numbers[here][unknown])
        columns.append(numbers[there][unknown])
        values.append(np.full(unknown.sum(), 1.0 if down and across else 2.0))
    rows, columns, values = (np.concatenate(some) for some in (rows, columns, values))
    total = np.bincount(rows, values, film.size)
    values = np.concatenate([-values / total[rows], np.ones(film.size)])
    places = np.concatenate([rows, numbers.ravel()]), np.concatenate([columns, numbers.ravel()])
    known = np.where(removed, 0, film).ravel().astype(float)
    return spsolve(coo_array((values, places)).tocsc(), known).reshape(film.shape)


def ours(film: Pixels, removed: np.ndarray, **more: int) -> Pixels:
    return imputed(*(torch.from_numpy(one)[None, None] for one in (film, removed)), **more)[0, 0].numpy()


@pytest.mark.parametrize("share", REMOVED)
def test_removed_places_solve_the_equations_of_their_neighbors(share):
    """A chest of a network's size of which a smooth map removes whole regions: as it is used, within 2% of
    the film's range and 0.5% on average; with more steps, within rounding.
    """
    film = chest_phantom(1, size=(224, 192)).radiograph.pixels.copy()
    removed = (ranks(noise(film.shape, 0)) < share).numpy()
    expected, found = solved(film, removed), ours(film, removed)
    assert found == pytest.approx(expected, abs=0.02)
    assert np.abs(found - expected)[removed].mean() < 0.005
    assert np.array_equal(found[~removed], film[~removed])
    assert ours(film, removed, steps=600) == pytest.approx(expected, abs=2e-4)


def test_scattered_places_are_filled_as_by_the_library():
    film, removed = dots(0), dots(1) < 0.6
    theirs = NoisyLinearImputer(noise=0)(torch.from_numpy(film)[None], torch.from_numpy(~removed).float())
    assert ours(film, removed) == pytest.approx(theirs[0].numpy(), abs=1e-4)


class Seen(torch.nn.Module):
    """Stores the films that it receives."""

    def forward(self, films: Tensor) -> Tensor:
        self.films = films
        return films.mean((1, 2, 3))[:, None]

    def changed(self, film: Pixels) -> list[float]:
        """Which share of a film is another on each of those."""
        return (self.films[:, 0] != torch.from_numpy(film)).float().mean((1, 2)).tolist()


@pytest.mark.filterwarnings("ignore:.*singular")
def test_a_map_that_is_half_zeros_loses_its_share_where_the_library_takes_the_whole_film():
    """It removes what reaches a percentile: from the 50th down that is 0, which every place reaches."""
    film, smooth = dots(2) * 0.8 + 0.1, noise((SIDE, SIDE), 0)
    drawn = np.maximum(smooth - np.median(smooth), 0)
    own, library = Seen(), Seen()
    subject = with_map(classifier_of(own), film, drawn)
    CHECKS["road"].measure(subject, subject.candidate)
    most_and_least = REMOVED + REMOVED
    assert own.changed(film) == pytest.approx(most_and_least, abs=1 / CELLS)
    for share in REMOVED:
        remove = ROADMostRelevantFirst(percentile=100 * (1 - share))
        remove(torch.from_numpy(film)[None, None], drawn[None], [lambda said: said[0]], library)
        assert library.changed(film) == pytest.approx([share if share < 0.5 else 1.0], abs=2 / CELLS)


def test_its_sign_shows_whether_the_map_highlights_the_evidence():
    """A white square on black: without it the logit is 0, with it 1, whatever else is removed."""
    model = classifier_of(Weighted(square()))
    right, wrong = (
        CHECKS["road"].measure(subject, subject.candidate)
        for subject in (with_map(model, square(), drawn) for drawn in (square(), 1 - square()))
    )
    assert right.value == pytest.approx(1, abs=3 * NOISE)
    assert wrong.value == pytest.approx(-1, abs=3 * NOISE)
    assert right.curves["most important removed"] == pytest.approx([0] * len(REMOVED), abs=3 * NOISE)
    assert right.curves["least important removed"] == pytest.approx([1] * len(REMOVED), abs=3 * NOISE)
