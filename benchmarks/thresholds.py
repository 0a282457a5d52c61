"""How often the interval of a detection threshold holds the true one: observers with a known threshold.

python -m benchmarks.thresholds --sessions 200
"""

from __future__ import annotations

import argparse

import numpy as np

from xray.learn.psychometric import Answers, Psychometric, fit
from xray.learn.staircase import RULES, Kind, next_contrast, schedule
from xray.learn.threshold import LENGTHS, START
from xray.train.metrics import share
from xray.whatif.lesion_lab import CONTRAST

OBSERVERS = (
    Psychometric(0.2, 0.4, 0.05, 0.02),
    Psychometric(0.08, 0.3, 0.0, 0.0),
    Psychometric(0.5, 0.5, 0.2, 0.03),
)


def session(observer: Psychometric, films: int, seed: int) -> Answers:
    """Let an observer answer a session."""
    rng = np.random.default_rng([seed, 1])
    shown: dict[Kind, list[float]] = {kind: [] for kind in RULES}
    said: dict[Kind, list[bool]] = {kind: [] for kind in RULES}
    alarms: list[bool] = []
    for kind in schedule(films, seed):
        if kind == "catch":
            alarms.append(bool(rng.random() < observer.guess))
            continue
        contrast = next_contrast(said[kind], RULES[kind], START, CONTRAST)
        shown[kind].append(contrast)
        said[kind].append(bool(rng.random() < observer.probability(np.array([contrast]))[0]))
    return Answers(
        tuple(contrast for contrasts in shown.values() for contrast in contrasts),
        tuple(one for answers in said.values() for one in answers),
        tuple(alarms),
    )


def main() -> None:
    """Print coverage, error and width for each observer and length of a session."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sessions", type=int, default=200)
    parser.add_argument("--resamples", type=int, default=100)
    options = parser.parse_args()
    for films in LENGTHS:
        for observer in OBSERVERS:
            found = [
                fit(session(observer, films, seed), CONTRAST, seed=seed, resamples=options.resamples)
                for seed in range(options.sessions)
            ]
            inside = sum(one.threshold.low <= observer.threshold <= one.threshold.high for one in found)
            octaves = np.log2([one.threshold.value for one in found]) - np.log2(observer.threshold)
            widths = [np.log2(one.threshold.high / one.threshold.low) for one in found]
            print(
                f"{films} films, {observer}: covered {share(inside, len(found))}, median error "
                f"{np.median(octaves):+.2f}, median absolute error {np.median(np.abs(octaves)):.2f}, median "
                f"width {np.median(widths):.2f} octaves",
                flush=True,
            )


if __name__ == "__main__":
    main()
