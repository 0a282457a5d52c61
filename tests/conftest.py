"""Films and folders that several tests share; real films come from the shared folder where there is one.

Each worker of pytest-xdist runs PyTorch on one thread, and so do the servers that it starts: workers that
share cores are several times slower otherwise.
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from cryptography.fernet import Fernet
from hypothesis import settings as hypothesis_settings
from xdist.scheduler import LoadScopeScheduling

from xray.models.registry import entries
from xray.settings import settings
from xray.types import Radiograph

# Of the tests in the browser: those with servers of their own, and those that last as long as all others.
SEPARATE = {"test_accessibility.py", "test_history.py", "test_keyboard.py", "test_sign_in.py"}

hypothesis_settings.register_profile("quick", max_examples=60, deadline=None, derandomize=True)
hypothesis_settings.register_profile("thorough", max_examples=200, deadline=None, derandomize=True)
hypothesis_settings.load_profile("quick")  # .ci/run adds --hypothesis-profile thorough


def gradient_film(height: int = 96, width: int = 80, name: str = "gradient.png") -> Radiograph:
    """A film that is dark at the top left and bright at the bottom right."""
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    return Radiograph((rows / height + columns / width) / 2, name)


class FileScheduling(LoadScopeScheduling):
    """Keeps the tests of a file on one worker, and those that share one server (tests/browser) as well."""

    def _split_scope(self, nodeid: str) -> str:
        file = Path(nodeid.partition("::")[0])
        folder = file.parent.name
        shared = folder == "viewer" or (folder == "browser" and file.name not in SEPARATE)
        return folder if shared else str(file)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadScopeScheduling:
    return FileScheduling(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest group, so that no worker waits for it in the end."""
    items.sort(key=lambda item: item.path.parent.name != "browser")


@pytest.fixture(scope="session", autouse=True)
def data_folder(tmp_path_factory) -> Iterator[None]:
    """Nothing is written to the user's own data folder or keyring."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("XRAY_DATA_DIR", str(tmp_path_factory.mktemp("data")))
        patched.setenv("XRAY_HISTORY_KEY", Fernet.generate_key().decode())
        patched.delenv("XRAY_DATABASE_URL", raising=False)
        settings.cache_clear()
        yield
    settings.cache_clear()


def networks(*slow: str, once: bool = False) -> list[object]:
    """Ids of the bundled networks as parameters.

    Args:
        slow: Architectures that are slow in the test; their networks are marked slow.
        once: Whether to omit networks of an architecture that comes before; they are marked slow otherwise.
    """
    parameters, architectures = [], set()
    for facts in entries():
        repeated = facts.architecture in architectures
        if facts.kind != "ensemble" and not (once and repeated):
            marks = [pytest.mark.slow] if repeated or facts.architecture in slow else []
            parameters.append(pytest.param(facts.id, marks=marks))
            architectures.add(facts.architecture)
    assert set(slow) <= architectures
    return parameters


@pytest.fixture
def film() -> Radiograph:
    return gradient_film()


@contextmanager
def weights_in(folder: Path) -> Iterator[Path]:
    """An empty weights folder in place of the repository's."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("XRAY_WEIGHTS_DIR", str(folder))
        settings.cache_clear()
        yield folder
    settings.cache_clear()


@pytest.fixture
def weights_folder(tmp_path) -> Iterator[Path]:
    folder = tmp_path / "weights"
    folder.mkdir()
    with weights_in(folder):
        yield folder


@pytest.fixture(scope="session")
def real_films() -> list[Path]:
    """Ten films of Kermany's test set, five of each kind; skipped where the data set is not at hand."""
    folder = settings().training_data / "data" / "pneumonia" / "test"
    found = [path for kind in ("NORMAL", "PNEUMONIA") for path in sorted(folder.glob(f"{kind}/*"))[:5]]
    if len(found) < 10:
        pytest.skip("the pneumonia films are not at hand (XRAY_TRAINING_DATA)")
    return found
