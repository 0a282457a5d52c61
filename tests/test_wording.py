"""Numbers before nouns."""

import pytest

from xray.wording import counted


@pytest.mark.parametrize(
    ("number", "expected"), [(0, "0 boxes"), (1, "1 box"), (2, "2 boxes"), (12345, "12,345 boxes")]
)
def test_a_noun_agrees_with_its_number(number, expected):
    assert counted(number, "box", "boxes") == expected
    assert counted(number, "film") == expected.replace("boxes", "films").replace("box", "film")
