"""Evidence for boxes: hand-computed on planted maps, and on a network with a known evidence location."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA

from tests.detectors import random_detector
from xray.evidence.box_evidence import (
    box_evidence,
    box_slices,
    cover_box,
    overlap,
    random_box,
    score_at_anchor,
    share_inside,
    shares_inside,
)
from xray.explain.boxes import EIGEN_LAYER, LAYERS, averaged, box_maps, eigen_map
from xray.geometry import Affine
from xray.models.detector import chosen, detect
from xray.types import Detections, Explanation, Radiograph

BOX = np.float32([20, 30, 40, 70])


def film(height: int = 128, width: int = 96) -> Radiograph:
    return Radiograph(np.random.default_rng(0).random((height, width), np.float32), "noise.png")


@pytest.fixture(scope="module")
def detector():
    return random_detector()


def test_the_share_inside_is_that_of_the_area_on_an_even_map():
    assert share_inside(np.ones((100, 100), np.float32), BOX) == pytest.approx(20 * 40 / 100**2)
    spot = np.zeros((100, 100), np.float32)
    spot[50, 30] = 1
    assert share_inside(spot, BOX) == 1.0
    assert share_inside(spot * 0, BOX) == 0.0


def test_shares_of_many_boxes_are_sums_of_the_values_inside():
    generator = np.random.default_rng(4)
    heat = np.maximum(generator.normal(size=(128, 96)), 0).astype(np.float32)
    heat[:, 80:] = 0
    boxes = [random_box(BOX, heat.shape, generator) for _ in range(50)] + [np.float32([82, 5, 95, 60])]
    total = sum(map(float, heat.ravel()))
    expected = []
    for left, top, right, bottom in (map(round, map(float, box)) for box in boxes):
        expected.append(sum(map(float, heat[top:bottom, left:right].ravel())) / total)
    assert shares_inside(heat, boxes) == pytest.approx(expected, abs=1e-12)
    assert shares_inside(heat, boxes)[-1] == 0.0
    assert (shares_inside(heat * 0, boxes) == 0).all()


def test_a_covered_box_is_even_and_nothing_else_changes():
    before = film()
    after = cover_box(before, BOX)
    rows, columns = box_slices(BOX, before.pixels.shape)
    assert (rows, columns) == (slice(30, 70), slice(20, 40))
    assert np.ptp(after.pixels[rows, columns]) == 0
    changed = after.pixels != before.pixels
    changed[rows, columns] = False
    assert not changed.any()


def test_a_box_of_no_size_at_the_edge_still_spans_a_pixel():
    assert box_slices(np.float32([96, 128, 96, 128]), (128, 96)) == (slice(127, 128), slice(95, 96))


def test_random_boxes_keep_their_size_and_the_film():
    generator = np.random.default_rng(1)
    drawn = np.array([random_box(BOX, (128, 96), generator) for _ in range(300)])
    assert drawn[:, 2:] - drawn[:, :2] == pytest.approx(np.tile([20, 40], (300, 1)), abs=1e-3)
    assert drawn.min() >= 0
    assert drawn[:, 2].max() <= 96
    assert drawn[:, 3].max() <= 128
    assert np.ptp(drawn[:, 0]) > 60
    assert overlap(BOX, BOX + 19)
    assert not overlap(BOX, BOX + np.float32([20, 0, 20, 0]))


class Looking:
    """A detector whose score is the brightness at one location, with a correct or a false map."""

    def __init__(self, row: int, column: int) -> None:
        self.place = row, column
        self.lock = __import__("threading").Lock()
        self.module = SimpleNamespace(boxes=self.boxes)

    def prepare(self, radiograph: Radiograph):
        return torch.from_numpy(radiograph.pixels.copy())[None, None], Affine.scale(1, 1)

    def boxes(self, batch: torch.Tensor):
        row, column = self.place
        seen = batch[0, 0, row - 4 : row + 4, column - 4 : column + 4].max()
        return None, (20 * seen - 10).reshape(1, 1, 1)


def map_at(row: int, column: int, shape: tuple[int, int]) -> Explanation:
    raw = np.zeros(shape, np.float32)
    raw[row - 3 : row + 3, column - 3 : column + 3] = 1
    return Explanation("box", "planted", "Fracture", raw, Affine.scale(1, 1), shape, "m", "0" * 64)


def test_evidence_inside_the_box_differs_from_evidence_elsewhere():
    pixels = np.full((128, 96), 0.2, np.float32)
    pixels[48:52, 28:32] = 1.0
    radiograph = Radiograph(pixels, "spot.png")
    box = Detections("m", ("Fracture",), BOX[None], np.float32([1.0]), np.zeros(1, int), np.zeros(1, int))
    looking = Looking(50, 30)
    right = box_evidence(
        looking, radiograph, box, map_at(50, 30, (128, 96)), *[map_at(110, 80, (128, 96))] * 2
    )
    assert right.inside == 1.0
    assert right.random_below > 0.9
    assert right.inside > 4 * right.random_mean
    assert right.score_covered < 0.01 < 0.99 < right.score_control
    wrong = box_evidence(
        looking, radiograph, box, map_at(110, 80, (128, 96)), *[map_at(50, 30, (128, 96))] * 2
    )
    assert (right.eigencam, wrong.eigencam) == (right.randomized, wrong.randomized) == (0.0, 1.0)
    assert -0.1 < right.correlation < 0
    assert wrong.inside == 0.0
    assert wrong.random_below == 0.0
    other = pixels.copy()
    other[108:112, 78:82] = 1.0
    elsewhere = Radiograph(other, "two.png")
    blind = box_evidence(Looking(110, 80), elsewhere, box, *[map_at(110, 80, (128, 96))] * 3)
    assert blind.correlation == pytest.approx(1.0)
    assert blind.score_covered > 0.99, "the score does not depend on the box"


def test_the_score_of_an_unchanged_film_is_that_of_the_box(detector):
    radiograph = film()
    box = chosen(detect(detector, radiograph), 0.3).among(np.array([0]))
    assert score_at_anchor(detector, radiograph, box) == pytest.approx(float(box.confidence[0]), abs=1e-6)


def test_two_boxes_have_different_maps_and_the_network_is_left_as_it_was(detector):
    radiograph = film()
    boxes = chosen(detect(detector, radiograph), 0.3).among(np.array([0, 1]))
    first, second = box_maps(detector, radiograph, boxes)
    assert first.raw_map.shape == second.raw_map.shape == (16, 12)
    assert abs(np.corrcoef(first.raw_map.ravel(), second.raw_map.ravel())[0, 1]) < 0.99
    assert not any(layer._forward_hooks for layer in detector.module.modules())
    assert all(parameter.grad is None for parameter in detector.module.parameters())


def test_gradients_are_those_of_small_changes(detector):
    """A directional derivative at the first layer against a finite difference, in double precision."""
    module = random_detector().module.double().eval()
    films = torch.rand(1, 3, 64, 64, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    layer = module.get_submodule(LAYERS[0])
    step, added = torch.zeros(()), []

    def add(_module, _inputs, output):
        added.append(output.detach())
        return output * (1 + step)

    handle = layer.register_forward_hook(add)
    values = []
    for size in (-1e-5, 1e-5):
        step = torch.tensor(size, dtype=torch.float64)
        values.append(module.likelihoods(films)[0][0, 0, 5].item())
    handle.remove()
    leaf = added[0].clone().requires_grad_()
    handle = layer.register_forward_hook(lambda *_: leaf)
    logits, _ = module.likelihoods(films)
    handle.remove()
    (gradient,) = torch.autograd.grad(logits[0, 0, 5], leaf)
    whole = averaged([leaf], [gradient], tuple(leaf.shape[2:])).sum().item()
    assert whole == pytest.approx((values[1] - values[0]) / 2e-5, rel=1e-3, abs=1e-6)


def test_the_likelihood_of_a_box_is_highest_where_all_of_it_is_put_where_it_is(detector):
    """By hand: all of a side in one bin is a likelihood of 1, an even spread over 16 bins of 1 / 16."""
    sharp, even = torch.full((64, 1), -50.0), torch.zeros(64, 1)
    sharp[[3, 16 + 7, 32 + 1, 48 + 15]] = 50.0
    module = random_detector().module
    module.predict = lambda _films: (
        None,
        {"boxes": torch.stack([sharp, even]), "scores": torch.zeros(2, 1, 1)},
    )
    _, likely = module.likelihoods(None)
    assert likely[0, 0] == pytest.approx(0.0, abs=1e-5)
    assert likely[1, 0] == pytest.approx(np.log(1 / 16), abs=1e-5)


def test_eigen_cam_is_the_first_principal_component(detector):
    """As scikit-learn finds it in what the layer holds, up to its sign."""
    radiograph, held = film(), []
    handle = detector.module.get_submodule(EIGEN_LAYER).register_forward_hook(
        lambda _module, _inputs, output: held.append(output[0].flatten(1).T.clone().numpy())
    )
    drawn = eigen_map(detector, radiograph)
    handle.remove()
    expected = PCA(1).fit_transform(held[0])[:, 0].reshape(drawn.raw_map.shape)
    expected *= np.sign(np.vdot(expected, drawn.raw_map))
    assert drawn.raw_map == pytest.approx(expected, abs=1e-3 * float(np.abs(expected).max()))
    assert drawn.raw_max == np.abs(drawn.raw_map).max()
    left, top = drawn.to_source.apply(np.zeros((1, 2)))[0]
    assert (left, top) == pytest.approx((0.0, 0.0))
