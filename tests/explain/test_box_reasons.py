"""Maps of boxes by the bundled detectors, on phantoms with a fracture and on real films."""

from typing import NamedTuple

import numpy as np
import pytest

from xray.evidence.box_evidence import box_evidence, correlation, overlap, randomized_detector, share_inside
from xray.explain.boxes import box_maps, eigen_map
from xray.imaging.phantom import limb_phantom
from xray.io import read_radiograph
from xray.models.classifier import Classifier, load_classifier
from xray.models.detector import chosen, detect, is_detector
from xray.models.registry import entries
from xray.settings import settings
from xray.train.boxes import read_boxes
from xray.types import Detections, Explanation, Radiograph

DETECTORS = [one.id for one in entries() if one.kind == "bundled" and is_detector(one)]
REAL, PHANTOMS = 4, (0, 2, 3)


@pytest.fixture(scope="module", params=DETECTORS)
def detector(request) -> Classifier:
    return load_classifier(request.param)


def phantoms():
    """Films with the box (4) around their planted fracture."""
    for seed in PHANTOMS:
        simulated = limb_phantom(seed, finding=True)
        rows, columns = np.nonzero(simulated.finding_mask)
        planted = np.float32([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1])
        yield simulated.radiograph, planted


def real_films():
    """Test films with a box (4) where a reader saw a fracture."""
    folder = settings().training_data / "data" / "fracture" / "test"
    for path in sorted((folder / "images").glob("*.jpg"))[::-1]:
        marks = read_boxes(folder / "labels" / f"{path.stem}.txt")
        if marks:
            radiograph = read_radiograph(path.read_bytes(), path.name)
            height, width = radiograph.pixels.shape
            yield radiograph, np.float32(marks[0]) * (width, height, width, height)


class Found(NamedTuple):
    """The best box on a film, its map, and its map by the detector with randomized weights."""

    radiograph: Radiograph
    box: Detections
    own: Explanation
    randomized: Explanation


@pytest.fixture(scope="module", params=["phantom", pytest.param("real", marks=pytest.mark.slow)])
def found(request, detector) -> list[Found]:
    """Films whose best box is at the fracture."""
    several = []
    for radiograph, mark in phantoms() if request.param == "phantom" else real_films():
        best = detect(detector, radiograph).among(np.array([0]))
        if overlap(best.xyxy[0], mark) and best.confidence[0] > 0.1:
            models = detector, randomized_detector(detector)
            several.append(Found(radiograph, best, *(box_maps(one, radiograph, best)[0] for one in models)))
        if len(several) == REAL:
            break
    if not several and request.param == "real":
        pytest.skip("the fracture films are not at hand (XRAY_TRAINING_DATA)")
    assert len(several) >= len(PHANTOMS)
    return several


def test_the_reason_for_a_box_is_in_the_box_and_the_box_needs_it(detector, found):
    for radiograph, box, own, randomized in found:
        eigen = eigen_map(detector, radiograph)
        evidence = box_evidence(detector, radiograph, box, own, eigen, randomized)
        assert evidence.inside > 0.5 > 0.1 > evidence.random_mean
        assert evidence.random_below >= 0.95
        assert evidence.eigencam < evidence.inside
        assert evidence.score_covered < 0.5 * evidence.score
        assert evidence.score_control == pytest.approx(evidence.score, rel=0.25)


def test_two_boxes_have_different_maps(detector, found):
    for radiograph, box, own, _ in found:
        candidates = chosen(detect(detector, radiograph), 0.01)
        apart = [row for row, corners in enumerate(candidates.xyxy) if not overlap(corners, box.xyxy[0])]
        if not apart:
            continue
        other = candidates.among(np.array(apart[:1]))
        one = own.heatmap().clip(0)
        two = box_maps(detector, radiograph, other)[0].heatmap().clip(0)
        assert share_inside(one, box.xyxy[0]) > 5 * share_inside(two, box.xyxy[0])
        assert share_inside(two, other.xyxy[0]) > 5 * share_inside(one, other.xyxy[0])


def test_random_weights_destroy_the_map(found):
    for _, _, own, randomized in found:
        assert abs(correlation(own.heatmap(), randomized.heatmap())) < 0.4
        assert randomized.raw_map.clip(0).sum() < 0.01 * own.raw_map.clip(0).sum()
