"""Cases, and a server in place of a provider, that the tests of reports share."""

from collections.abc import Iterator

import pytest

from tests.report import provider
from tests.report.by_hand import chest_case
from xray.imaging.phantom import simulated_samples
from xray.pipeline import Request, analyze
from xray.types import Case


@pytest.fixture(scope="session")
def many_findings() -> Case:
    return chest_case("findings-mobilenet")


@pytest.fixture(scope="session")
def boxed() -> Case:
    forearm = simulated_samples()[4].build().radiograph
    return analyze(forearm, Request("fracture-yolov8n", anyway=True))


@pytest.fixture
def server() -> Iterator[provider.Provider]:
    with provider.serving() as running:
        yield running
