"""Lists whose labels deny a finding, or contradict each other."""

import numpy as np
import pytest

from xray.io.label_lists import read_film_list
from xray.train.targets import targets

ANSWERS = ("Normal", "Pneumonia")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("path,labels\na.png,No pneumonia\n", [1, 0]),
        ("path,labels\na.png,non-pneumonia\n", [1, 0]),
        ("path,labels\na.png,No effusion\n", [np.nan, np.nan]),
        ("path,labels\na.png,Pneumonia|no effusion\n", [0, 1]),
        ("path,labels\na.png,Pneumonia\na.png,no effusion\n", [0, 1]),
        ("path,labels\na.png,Pneumonia\na.png,no pneumonia\n", [np.nan, np.nan]),
        ("path,labels\na.png,Pneumonia|Normal\n", [np.nan, np.nan]),
        ("path,labels\na.png,Pneumonia suspected; normal\n", [np.nan, np.nan]),
        ("path,Normal,Pneumonia\na.png,1,1\nb.png,0,1\n", [np.nan, np.nan]),
        ("path,No Finding,Support Devices,Pneumonia\na.png,1,1,0\nb.png,0,1,1\n", [1, 0]),
    ],
)
def test_a_denied_finding_is_absent_and_a_film_with_findings_and_none_is_unknown(text, expected):
    labels = read_film_list("labels.csv", text.encode()).films["a.png"]
    assert np.array_equal(targets([labels], ANSWERS)[0], expected, equal_nan=True)


def test_contradictions_within_a_row_are_counted():
    listed = read_film_list("labels.csv", b"path,labels\na.png,Mass|No Finding\nb.png,Mass\n")
    assert listed.notes == ("1 film has contradictory labels",)
