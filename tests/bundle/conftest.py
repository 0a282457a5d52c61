"""A bundle of a film with many findings."""

import io
import zipfile

import pytest

from tests.report.by_hand import written
from xray.bundle import bundle
from xray.imaging.phantom import simulated_samples
from xray.pipeline import Request, analyze
from xray.types import Case

CHEST, FOREARM = 0, 4


CASES = {
    "many findings": (CHEST, Request("findings-cnn")),
    "one threshold": (CHEST, Request("findings-cnn", threshold=0.4, intervals=False)),
    "one finding": (CHEST, Request("findings-cnn", "layercam", "Hernia")),
    "an ensemble": (CHEST, Request("pneumonia-ensemble")),
    "no map": (CHEST, Request("pneumonia-mobilenet", None)),
    "boxes": (FOREARM, Request("fracture-yolov8n", intervals=False)),
    "a refused film": (FOREARM, Request("pneumonia-mobilenet", anyway=True, intervals=False)),
    "many passes": (CHEST, Request("findings-cnn", "ablationcam", "Hernia", intervals=False)),
}


def case_of(kind: str) -> Case:
    number, request = CASES[kind]
    return analyze(simulated_samples()[number].build().radiograph, request)


@pytest.fixture(scope="module")
def case() -> Case:
    return case_of("many findings")


@pytest.fixture(scope="module")
def files(case) -> dict[str, bytes]:
    return unpacked(bundle(case, written(case)))


def unpacked(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
