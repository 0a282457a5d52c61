"""Work that is kept or shared, compared with doing it each time: ratios, all in one run.

python -m benchmarks.repeated --json
"""

from __future__ import annotations

import tempfile
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.timing import main, medians
from xray.cohort.comparison import Comparison
from xray.evidence.box_evidence import RANDOM_BOXES, box_slices, random_box, shares_inside
from xray.geometry import Affine
from xray.imaging.phantom import chest_phantom
from xray.render.overlay import Drawing, draw
from xray.train import bootstrap
from xray.train.bootstrap import Estimate, estimates, resampled
from xray.train.decoded import DecodedFilms
from xray.train.film import Film
from xray.train.metrics import auroc
from xray.types import Case, Explanation, GateResult, Prediction, Radiograph
from xray.ui.viewer import payload

FILMS = 5000  # of a cohort
SIDE = 3000  # of a film in px
MAPS = 12  # on the Compare page


def heatmaps(generator: np.random.Generator) -> dict[str, Callable[[], object]]:
    """A rerun of the Compare page with MAPS heatmaps of a film of SIDE x SIDE px: drawn again, and kept."""
    film = Radiograph(generator.random((SIDE, SIDE), np.float32), "film.png")
    to_source = Affine.scale(SIDE / 7, SIDE / 7)
    raw_maps = generator.random((MAPS, 7, 7), np.float32)
    shown = [
        Explanation("gradcam", "layer", "F", raw_map, to_source, (SIDE, SIDE), "m", "0" * 64)
        for raw_map in raw_maps
    ]
    prediction = Prediction("m", "0" * 64, ("F",), *np.float32([[0], [0.8], [0.5]]))
    gate = GateResult(True, "", "", "accepted")
    cases = [Case(film, prediction, (explanation,), gate=gate) for explanation in shown]
    kept: dict[object, object] = {}

    def rerun() -> None:
        for case in cases:
            key = payload._map_key(case, "F", Drawing())
            if key not in kept:
                kept[key] = draw(case, "F", Drawing())

    def drawn_again() -> None:
        kept.clear()
        rerun()

    return {"compare_drawn": drawn_again, "compare_kept": rerun}


def slider(generator: np.random.Generator) -> dict[str, Callable[[], object]]:
    """A step of the Cohort page's slider on FILMS films: with the bootstrap, and with its result kept."""
    labels, probabilities = generator.integers(0, 2, FILMS).astype(float), generator.random(FILMS)
    rates = np.zeros(2)
    shown = Comparison(probabilities, labels, rates, rates, rates, Estimate(0.5, 0.4, 0.6))

    def again() -> None:
        estimates({"auroc": auroc(probabilities, labels)}, resampled([str(film) for film in range(FILMS)]))
        shown.confusion(0.5)

    return {"slider_bootstrap": again, "slider_kept": lambda: shown.confusion(0.5)}


def boxes(generator: np.random.Generator) -> dict[str, Callable[[], object]]:
    """Shares of a map in RANDOM_BOXES boxes: summed box by box, and by an integral image."""
    heat = generator.random((SIDE, SIDE), np.float32)
    corners = np.float32([100, 100, SIDE / 2, SIDE / 2])
    places = [random_box(corners, heat.shape, generator) for _ in range(RANDOM_BOXES)]

    def summed() -> list[float]:
        return [float(heat[box_slices(place, heat.shape)].sum() / heat.sum()) for place in places]

    return {"boxes_summed": summed, "boxes_integral": lambda: shares_inside(heat, places)}


def decoding(folder: Path) -> dict[str, Callable[[], object]]:
    """A film of an epoch of a training: decoded from its file, and read as kept."""
    pixels = chest_phantom(1, size=(1500, 1500)).radiograph.pixels
    path = folder / "film.png"
    Image.fromarray(np.rint(pixels * 255).astype(np.uint8)).save(path)
    film = Film(path, frozenset(), "patient", "train")
    decoded = DecodedFilms(folder / "decoded", 224)
    decoded.pixels(film)
    return {"film_decoded": film.read, "film_kept": lambda: decoded.pixels(film)}


def bootstrap_memory(part: int) -> float:
    """Peak memory in MiB of a bootstrap on FILMS films with `part` weights at once."""
    labels, probabilities = np.arange(FILMS) % 2.0, np.random.default_rng(0).random(FILMS)
    usual, bootstrap.PART = bootstrap.PART, part
    tracemalloc.start()
    try:
        estimates({"auroc": auroc(probabilities, labels)}, resampled([str(film) for film in range(FILMS)]))
        return tracemalloc.get_traced_memory()[1] / 2**20
    finally:
        tracemalloc.stop()
        bootstrap.PART = usual


def measure(rounds: int, warmup: int) -> dict[str, float]:
    """Medians in milliseconds, MiB of the bootstrap, and ratios of the first to the second of each pair."""
    generator = np.random.default_rng(0)
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        for pair in (
            heatmaps(generator),
            slider(generator),
            boxes(generator),
            decoding(Path(folder)),
        ):
            times = medians(pair, rounds, warmup)
            first, second = times
            figures |= {f"{name}_ms": time for name, time in times.items()}
            figures[f"{first}_to_{second}"] = times[first] / times[second]
    figures["bootstrap_mib"] = bootstrap_memory(bootstrap.PART)
    figures["bootstrap_whole_mib"] = bootstrap_memory(bootstrap.RESAMPLES * FILMS)
    return figures


if __name__ == "__main__":
    main(measure, __doc__, rounds=3, warmup=1)
