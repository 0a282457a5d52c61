"""Names of result files and cells of CSV files."""

import csv
import io

import numpy as np
import pyarrow as pa
from pyarrow import csv as arrow_csv

from tests.conftest import gradient_film
from xray.cohort.table import overlay_name
from xray.io.boxes import boxes_csv
from xray.io.csv_cells import safe_cells, safe_table
from xray.io.result_files import UniqueStems, short_stem
from xray.types import Detections


def test_films_of_one_name_get_different_stems_also_where_a_number_is_taken() -> None:
    stems = UniqueStems()
    names = ("a.png", "a.png", "a-2.png", "A.png")
    assert [stems.stem(name) for name in names] == ["a", "a-2", "a-2-2", "A-3"]


def test_long_names_are_cut_to_what_file_systems_allow_and_stay_different() -> None:
    for name in ("x" * 250 + ".png", "ü" * 125 + ".png", "骨" * 83 + ".dcm"):
        assert len((short_stem(name) + "-overlay.png").encode()) <= 255
        assert len(overlay_name(99_999, name).encode()) <= 255
        assert name.startswith(short_stem(name))
    stems = UniqueStems()
    assert stems.stem("x" * 250 + "1.png") != stems.stem("x" * 250 + "2.png")
    assert short_stem("folder/hand.v2.png") == "hand.v2"


def test_cells_that_would_be_formulas_start_with_an_apostrophe() -> None:
    texts = ["=1+1.png", "+1", "-1", "@SUM(A1)", "\tx", "\r=1", "a=1.png", "", None]
    expected = ["'=1+1.png", "'+1", "'-1", "'@SUM(A1)", "'\tx", "'\r=1", "a=1.png", "", None]
    assert safe_cells([*texts, -0.5, 3]) == [*expected, -0.5, 3]
    table = safe_table(pa.table({"file": texts, "logit": [-0.5] * len(texts)}))
    assert table["file"].to_pylist() == expected
    assert table["logit"].to_pylist() == [-0.5] * len(texts)
    written = io.BytesIO()
    arrow_csv.write_csv(table, written)
    assert "\n=" not in written.getvalue().decode()


def test_a_csv_of_boxes_holds_no_formula() -> None:
    found = Detections(
        "model",
        ("Fracture",),
        np.float32([[1, 2, 3, 4]]),
        np.float32([0.5]),
        np.zeros(1, np.int64),
        np.zeros(1, np.int64),
    )
    (_, row) = csv.reader(io.StringIO(boxes_csv([(gradient_film(name="=1+1.png"), found)])))
    assert row[0] == "'=1+1.png"
