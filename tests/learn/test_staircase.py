"""The staircases: steps by hand, and the shares of detections on which they converge (Levitt 1971)."""

import numpy as np
import pytest
from scipy.special import expit

from xray.learn.staircase import CATCH, RULES, Rule, next_contrast, schedule

LIMITS = (0.0125, 1.6)


def steps(answers: str, rule: Rule, start: float = 0.8) -> list[float]:
    """The contrasts of all films, with y for a detection and n for a miss."""
    said = [letter == "y" for letter in answers]
    return [next_contrast(said[:count], rule, start, LIMITS) for count in range(len(said) + 1)]


def test_two_down_one_up_by_hand():
    root = 2**0.5
    expected = [0.8, 0.8, 0.4, 0.4, 0.2, 0.2 * root, 0.4, 0.4, 0.2 * root]
    assert steps("yyyynnyy", RULES["easier"]) == pytest.approx(expected)


def test_one_down_two_up_by_hand():
    root = 2**0.5
    expected = [0.8, 0.4, 0.2, 0.2, 0.2 * root, 0.2, 0.2, 0.2 * root]
    assert steps("yynnynn", RULES["harder"]) == pytest.approx(expected)


def test_a_staircase_stays_within_the_limits():
    assert steps("n" * 5, RULES["easier"])[-1] == pytest.approx(1.6)
    assert steps("y" * 20, RULES["harder"])[-1] == pytest.approx(0.0125)


@pytest.mark.parametrize(("kind", "share"), [("easier", 0.5**0.5), ("harder", 1 - 0.5**0.5)])
def test_a_staircase_converges_on_its_share_of_detections(kind, share):
    rng, answers, chances = np.random.default_rng(0), [], []
    for _ in range(1500):
        contrast = next_contrast(answers[-60:], RULES[kind], 0.8 if len(answers) < 60 else 0.2, LIMITS)
        chances.append(expit((np.log2(contrast) - np.log2(0.2)) / 1.0))
        answers.append(bool(rng.random() < chances[-1]))
    assert np.mean(chances[100:]) == pytest.approx(share, abs=0.05)


def test_a_quarter_of_the_films_are_catch_films_and_the_others_alternate():
    kinds = schedule(48, seed=3)
    assert kinds.count("catch") == 12
    assert all(kinds[start : start + CATCH].count("catch") == 1 for start in range(0, 48, CATCH))
    others = [kind for kind in kinds if kind != "catch"]
    assert others == ["easier", "harder"] * 18
    assert kinds == schedule(48, seed=3) != schedule(48, seed=4)
