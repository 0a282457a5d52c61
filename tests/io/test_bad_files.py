"""Every bad file gets one sentence of its own that says what is wrong, and a hint what to do."""

import re
import tracemalloc

import pytest
from PIL import Image, ImageFile

from tests.corpus import bad_dicom, bad_images, bad_tiff, bombs  # noqa: F401 - they register their files
from tests.corpus.bad_files import BAD_FILES, BadFile
from xray.errors import UnreadableImage
from xray.io import read_radiograph


def refusal(bad: BadFile) -> UnreadableImage:
    with pytest.raises(UnreadableImage) as caught:
        read_radiograph(bad.data, bad.name)
    return caught.value


@pytest.fixture(params=BAD_FILES)
def bad(request: pytest.FixtureRequest) -> BadFile:
    return BAD_FILES[request.param]()


def test_the_sentence_names_the_file_and_says_what_is_wrong(bad: BadFile) -> None:
    assert refusal(bad).message.startswith(f"{bad.name} ")
    assert bad.words in refusal(bad).message


def test_message_and_hint_are_plain_sentences(bad: BadFile) -> None:
    for sentence in (refusal(bad).message, refusal(bad).hint):
        assert re.fullmatch(r"[\w\"][^\n]{10,200}\.", sentence)
        assert not re.search(r"Error|Exception|<class|0x[0-9a-f]|None|Traceback", sentence)


def test_no_library_exception_is_chained_to_the_refusal(bad: BadFile) -> None:
    error = refusal(bad)
    assert error.__cause__ is None
    assert error.__context__ is None


def test_each_cause_has_its_own_sentence() -> None:
    sentences: dict[str, set[str]] = {}
    for make in BAD_FILES.values():
        bad = make()
        sentences.setdefault(bad.words, set()).add(refusal(bad).message.removeprefix(bad.name))
    assert all(len(said) == 1 for said in sentences.values())
    assert len(set.union(*sentences.values())) == len(sentences) >= 35


@pytest.mark.parametrize("bomb", [name for name in BAD_FILES if "bomb" in name])
def test_a_bomb_is_refused_before_it_is_decoded(bomb: str) -> None:
    bad = BAD_FILES[bomb]()
    tracemalloc.start()
    try:
        refusal(bad)
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


def test_reading_bad_files_leaves_the_limits_of_pillow_alone() -> None:
    before = Image.MAX_IMAGE_PIXELS
    for make in BAD_FILES.values():
        refusal(make())
    assert before == Image.MAX_IMAGE_PIXELS
    assert ImageFile.LOAD_TRUNCATED_IMAGES is False


@pytest.mark.parametrize("name", ["cine.gif", "noise.png", "notes.png"])
def test_the_hint_for_an_unknown_format_names_those_that_are_supported(name: str) -> None:
    bad = next(made for made in (make() for make in BAD_FILES.values()) if made.name == name)
    for supported in ("PNG", "JPEG", "TIFF", "BMP", "WebP", "DICOM"):
        assert supported in refusal(bad).hint
