"""Boxes counted by hand, and as Ultralytics' own validator and torchmetrics' rules count them."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from sklearn.metrics import roc_auc_score, roc_curve
from torchvision.ops import box_iou
from ultralytics.engine.validator import BaseValidator
from ultralytics.utils.metrics import ap_per_class

from tests.train.fixed_weights import FixedWeights
from xray.train.bootstrap import resampled
from xray.train.detection_figures import NAMES, OVERLAPS, Matched, box_figures, match, subsets
from xray.train.film import Film
from xray.train.metrics import sensitivity_at
from xray.types import Detections


def found(xyxy: list, scores: list) -> Detections:
    n = len(scores)
    boxes = np.array(xyxy, np.float32).reshape(n, 4)
    return Detections("m", ("Fracture",), boxes, np.float32(scores), np.zeros(n, int), np.arange(n))


def random_boxes(generator: np.random.Generator, n: int) -> np.ndarray:
    corner = generator.uniform(0, 60, (n, 2))
    return np.hstack([corner, corner + generator.uniform(20, 40, (n, 2))])


@pytest.mark.parametrize("seed", range(20))
def test_boxes_are_matched_as_ultralytics_matches_them(seed):
    generator = np.random.default_rng(seed)
    marks, boxes = random_boxes(generator, 4), random_boxes(generator, 30)
    matched = match(found(boxes.tolist(), sorted(generator.random(30))[::-1]), marks)
    overlaps = box_iou(torch.from_numpy(marks).float(), torch.from_numpy(boxes).float())
    rules = SimpleNamespace(iouv=torch.from_numpy(OVERLAPS))
    theirs = BaseValidator.match_predictions(rules, torch.zeros(30), torch.zeros(4), overlaps)
    assert (matched.hits == theirs.numpy()).all()
    assert matched.hits.any() or overlaps.max() < 0.5


def test_a_perfect_box_a_near_miss_and_a_double_by_hand():
    mark = np.array([[10.0, 10, 50, 30]])
    boxes = [[10, 10, 50, 30], [10, 10, 50, 30], [10, 10, 50, 22], [60, 60, 90, 90]]
    matched = match(found(boxes, [0.9, 0.8, 0.7, 0.6]), mark)
    assert matched.hits[:, 0].tolist() == [True, False, False, False], "a mark is found once"
    near = match(found(boxes[2:3], [0.7]), mark)
    assert near.hits[0].tolist() == [True, True, True] + [False] * 7, "an overlap of 0.6"


def test_a_film_without_boxes_or_marks_is_counted():
    assert match(found([], []), np.zeros((2, 4))).hits.shape == (0, 10)
    assert not match(found([[0, 0, 9, 9]], [0.5]), np.zeros((0, 4))).hits.any()


def planted(seed: int, n: int = 40) -> list[Matched]:
    generator = np.random.default_rng(seed)
    films = []
    for number in range(n):
        marks = number % 2
        scores = np.sort(generator.random(5).astype(np.float32))[::-1]
        hits = np.zeros((5, 10), bool)
        if marks:
            hits[generator.integers(0, 3), : generator.integers(1, 11)] = True
        films.append(Matched(scores, hits, marks))
    return films


def test_figures_equal_those_of_ultralytics_and_lie_in_their_intervals():
    films = planted(0)
    figures = box_figures(films, resampled([str(number) for number in range(40)], resamples=200))
    scores = np.concatenate([film.scores for film in films])
    theirs = ap_per_class(
        np.concatenate([film.hits for film in films]), scores, np.zeros(len(scores)), np.zeros(20)
    )
    expected = (theirs[5][0, 0], theirs[5].mean(), theirs[2][0], theirs[3][0])
    assert [figures[name]["value"] for name in NAMES] == pytest.approx(expected)
    for figure in figures.values():
        assert figure["low"] < figure["value"] < figure["high"]


def test_precision_is_that_of_pycocotools(capsys):
    """COCO's own code on the same boxes; its curve is read at 101 places, Ultralytics' between them too."""
    coco = pytest.importorskip("pycocotools.coco", reason="needs requirements-dev.txt")
    from pycocotools.cocoeval import COCOeval

    generator = np.random.default_rng(5)
    films, marked, drawn = [], [], []
    for image in range(60):
        marks = random_boxes(generator, image % 3)
        moved = np.vstack([marks + generator.normal(0, 3, marks.shape), random_boxes(generator, 4)])
        scores = np.sort(generator.random(len(moved)).astype(np.float32))[::-1]
        films.append(match(found(moved.tolist(), scores.tolist()), marks))
        for box in marks:
            size = (box[2:] - box[:2]).tolist()
            marked.append({"image_id": image, "bbox": [*box[:2].tolist(), *size], "area": size[0] * size[1]})
        for box, score in zip(moved, scores, strict=True):
            size = (box[2:] - box[:2]).tolist()
            drawn.append({"image_id": image, "bbox": [*box[:2].tolist(), *size], "score": float(score)})
    truth = coco.COCO()
    truth.dataset = {
        "images": [{"id": image} for image in range(60)],
        "categories": [{"id": 1}],
        "annotations": [
            one | {"id": number, "category_id": 1, "iscrowd": 0} for number, one in enumerate(marked, 1)
        ],
    }
    truth.createIndex()
    judged = COCOeval(truth, truth.loadRes([one | {"category_id": 1} for one in drawn]), "bbox")
    judged.evaluate()
    judged.accumulate()
    judged.summarize()
    capsys.readouterr()
    figures = box_figures(films, FixedWeights(np.ones((1, 60))))
    assert 0.2 < judged.stats[1] < 0.9
    assert figures["map50"]["value"] == pytest.approx(judged.stats[1], abs=0.01)
    assert figures["map50_95"]["value"] == pytest.approx(judged.stats[0], abs=0.01)


def test_a_film_sampled_twice_counts_twice():
    films = planted(1, 12)
    twice = np.ones(12)
    twice[3] = 2
    low = box_figures(films, FixedWeights(twice[None]))["map50"]["low"]
    assert low == pytest.approx(
        box_figures([*films, films[3]], FixedWeights(np.ones((1, 13))))["map50"]["value"]
    )


def test_perfect_boxes_are_perfect():
    films = [Matched(np.float32([0.9]), np.ones((1, 10), bool), 1) for _ in range(12)]
    figures = box_figures(films, FixedWeights(np.ones((1, 12))))
    assert figures["map50"]["value"] == pytest.approx(0.995), "Ultralytics' curve ends so"
    assert figures["box_recall"]["value"] == pytest.approx(1.0)


def test_groups_are_those_with_enough_marks():
    films = [
        Film(
            None,
            frozenset(),
            str(n),
            "test",
            source="leg" if n < 30 else "hand",
            tags={"frontal"} if n % 4 else {"x"},
        )
        for n in range(40)
    ]
    bootstrap = resampled([str(number) for number in range(40)], resamples=20)
    told = subsets(films, planted(2), np.arange(40) % 3, bootstrap)
    assert {name: (one["n"], one["marks"]) for name, one in told.items()} == {
        "leg": (30, 15),
        "frontal": (30, 20),
        "without x": (30, 20),
    }
    happened, said = np.arange(30) % 2, np.arange(30) % 3
    assert told["leg"]["metrics"]["auroc"]["value"] == pytest.approx(roc_auc_score(happened, said))


def test_sensitivity_at_a_specificity_is_that_of_the_curve_of_sklearn():
    generator = np.random.default_rng(3)
    happened = (generator.random(200) < 0.3).astype(float)
    said = np.round(happened * 0.3 + generator.random(200), 1)
    false, true, _ = roc_curve(happened, said, drop_intermediate=False)
    expected = true[false <= 0.1].max()
    assert sensitivity_at(said, happened, 0.9)(np.ones((1, 200)))[0] == pytest.approx(expected)
