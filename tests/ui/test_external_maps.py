"""A map from a file is read once for its content, film, model and finding."""

from types import SimpleNamespace

import pytest

from xray.errors import UnusableMap
from xray.io.png import SIGNATURE
from xray.ui.session import Session
from xray.ui.trust import external_maps
from xray.ui.trust.external_maps import explanation_of

NPY = b"\x93NUMPY"


@pytest.fixture
def read(monkeypatch) -> list:
    """The files that were read; the one with the content `broken` is not a map."""
    requests = []

    def read_map(data, name, scale):
        requests.append((data, name, scale))
        if data == b"broken":
            raise UnusableMap("broken.npy is not a map.")
        return data, name

    state = Session()
    monkeypatch.setattr(external_maps, "session", lambda: state)
    monkeypatch.setattr(external_maps, "read_map", read_map)
    monkeypatch.setattr(external_maps, "model_of", lambda prediction: None)
    monkeypatch.setattr(external_maps, "external_explanation", lambda *given: SimpleNamespace(given=given))
    return requests


def case(film: str = "a", model: str = "m") -> SimpleNamespace:
    return SimpleNamespace(
        radiograph=SimpleNamespace(sha256=film), prediction=SimpleNamespace(model_id=model)
    )


def test_a_file_is_read_once_and_another_content_again(read):
    first = explanation_of(case(), "Mass", "map.npy", NPY, None)
    assert explanation_of(case(), "Mass", "map.npy", NPY, (0.0, 1.0)) is first  # the scale is for pictures
    assert len(read) == 1
    for changed in (
        (case("b"), "Mass", "map.npy", NPY, None),
        (case(model="n"), "Mass", "map.npy", NPY, None),
        (case(), "Edema", "map.npy", NPY, None),
        (case(), "Mass", "map.npy", NPY + b"2", None),
    ):
        assert explanation_of(*changed) is not first
    assert len(read) == 5


def test_a_picture_is_read_again_with_another_scale(read):
    for scale in ((0.0, 1.0), (0.0, 1.0), (-1.0, 1.0)):
        explanation_of(case(), "Mass", "map.png", SIGNATURE, scale)
    assert [scale for _, _, scale in read] == [(0.0, 1.0), (-1.0, 1.0)]


def test_the_message_about_a_broken_file_is_kept_too(read):
    for _ in range(2):
        message = explanation_of(case(), "Mass", "broken.npy", b"broken", None)
        assert str(message) == "broken.npy is not a map."
    assert len(read) == 1
