"""A cohort compared with the model alone on the same films in one run, and memory for 500 and 5,000 films.

python -m benchmarks.cohort --json
"""

from __future__ import annotations

import argparse
import io
import json
import resource
import subprocess
import sys
from collections.abc import Callable
from functools import cache, partial

import numpy as np
from PIL import Image

from benchmarks.timing import as_text, medians
from xray.cohort import File, Job, Predictor, run
from xray.imaging.phantom import chest_phantom
from xray.io import read_radiograph
from xray.models.ensemble import load_model
from xray.models.gate import check_input
from xray.pipeline import Request

MODEL = "pneumonia-mobilenet"
FEW, MANY = 500, 5000
SIDE = 512


@cache
def chest(seed: int) -> np.ndarray:
    return chest_phantom(seed, size=(SIDE, SIDE)).radiograph.pixels


def film(number: int) -> bytes:
    """One of eight simulated chests with individual noise, as an 8-bit PNG; no two have the same pixels."""
    grain = np.random.default_rng(number).normal(0, 0.01, (SIDE, SIDE))
    buffer = io.BytesIO()
    pixels = np.rint((chest(number % 8) + grain).clip(0, 1) * 255).astype(np.uint8)
    Image.fromarray(pixels).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def throughput(model_id: str, films: int, rounds: int) -> dict[str, float]:
    """Films per second: the network with reading, the network with reading and gate, and the cohort with
    hashes, thumbnails and rows, without and with maps.
    """
    files = [File(f"{number}.png", partial(bytes, film(number))) for number in range(films)]
    model = load_model(model_id)
    pictures = [file.content() for file in files]

    def bare() -> None:
        for data in pictures:
            model.logits(read_radiograph(data, "film.png"))

    def gated() -> None:
        for data in pictures:
            radiograph = read_radiograph(data, "film.png")
            check_input(radiograph, model.entry)
            model.logits(radiograph)

    def cohort(method: str | None) -> Callable[[], None]:
        predictor = Predictor(Request(model_id, method, anyway=True, intervals=False))
        return lambda: _worked_off(files, predictor)

    timed = {"bare": bare, "bare_gated": gated, "cohort": cohort(None), "cohort_maps": cohort("gradcam")}
    rates = {name: 1000 * films / value for name, value in medians(timed, rounds, warmup=1).items()}
    return {f"{name}_films_per_s": value for name, value in rates.items()} | {
        f"{name}_to_{against}": rates[name] / rates[against]
        for name in ("cohort", "cohort_maps")
        for against in ("bare", "bare_gated")
    }


def _worked_off(files: list[File], predictor: Predictor) -> None:
    for _ in run(files, predictor):
        pass


def peak(model_id: str, films: int) -> float:
    """Peak memory of this process in MiB, after a cohort whose rows the page stores."""
    files = [File(f"{number}.png", partial(film, number)) for number in range(films)]
    job = Job(files, Predictor(Request(model_id, anyway=True, intervals=False)))
    job.wait()
    if len(job.rows) != films:
        raise SystemExit(job.error)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def peaks(model_id: str, sizes: tuple[int, ...]) -> dict[str, float]:
    """Peak memory of each size, in separate processes."""
    command = [sys.executable, "-m", "benchmarks.cohort", "--json", "--model", model_id, "--peak"]
    found = {
        f"peak_{films}_mib": json.loads(subprocess.check_output([*command, str(films)]))["peak_mib"]
        for films in sizes
    }
    return found | {"peak_ratio": found[f"peak_{sizes[-1]}_mib"] / found[f"peak_{sizes[0]}_mib"]}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="print JSON and nothing else")
    parser.add_argument("--model", default=MODEL)
    parser.add_argument("--films", type=int, default=60, help="films for the throughput")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--no-memory", action="store_true", help="skip the long memory measurement")
    parser.add_argument("--peak", type=int, help="measure only the memory of a cohort of this size")
    arguments = parser.parse_args()
    if arguments.peak:
        figures = {"peak_mib": peak(arguments.model, arguments.peak)}
    else:
        figures = throughput(arguments.model, arguments.films, arguments.rounds)
        if not arguments.no_memory:
            figures |= peaks(arguments.model, (FEW, MANY))
    print(as_text(figures, as_json=arguments.json))


if __name__ == "__main__":
    main()
