"""Files of a cohort: films, duplicates and files that are not films."""

from functools import partial

import numpy as np
import pytest

from tests.corpus import raster, simulated_png
from xray.cohort import File, Predictor, Row, run
from xray.io import read_radiograph
from xray.pipeline import Request

QUICK = "findings-cnn"  # the quickest network


@pytest.fixture(scope="module")
def contents() -> dict[str, bytes]:
    """Two chests, a duplicate in another format, a rotated one, and two files that are not films."""
    chest, other = simulated_png(0), simulated_png(1)
    pixels = read_radiograph(chest, "chest.png").pixels
    samples = np.rint(pixels * 255).astype(np.uint8)
    return {
        "a/chest.png": chest,
        "b/other.png": other,
        "b/again.bmp": raster(samples, "BMP"),
        "tiny.png": raster(samples[:40, :40], "PNG"),
        "cut.png": chest[:2000],
        "words.png": b"These are words.",
    }


@pytest.fixture(scope="module")
def folder(contents, tmp_path_factory):
    place = tmp_path_factory.mktemp("cohort")
    for name, data in contents.items():
        (place / name).parent.mkdir(exist_ok=True)
        (place / name).write_bytes(data)
    (place / "labels.csv").write_text("path,labels\na/chest.png,No Finding\nb/other.png,Effusion|Mass\n")
    return place


def rows_of(contents: dict[str, bytes], request: Request, **options: bool) -> dict[str, Row]:
    files = [File(name, partial(bytes, data)) for name, data in contents.items()]
    return {row.file: row for row in run(files, Predictor(request, **options))}
