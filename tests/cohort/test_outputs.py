"""Results of a cohort as files, and the terminal command."""

import io
import json
import zipfile
from functools import partial

import numpy as np
import pytest
from PIL import Image
from pyarrow import csv, parquet
from typer.testing import CliRunner

from tests.cohort import planted
from tests.cohort.conftest import QUICK, rows_of
from xray.cli import app
from xray.cohort import File, Predictor, Row, run
from xray.cohort.labels import Labels
from xray.cohort.table import overlays_zip, table, write_csv, write_parquet
from xray.evidence import checks_of, verdict_of
from xray.evidence.verdict import COUNTED
from xray.io import read_radiograph
from xray.io.label_lists import FilmLabels
from xray.models.registry import entry
from xray.pipeline import Request, analyze
from xray.render.overlay import Drawing, draw


@pytest.fixture(scope="module")
def rows(contents) -> list[Row]:
    return list(rows_of(contents, Request(QUICK, None, intervals=False)).values())


def test_csv_and_parquet_read_back_as_they_were(rows, tmp_path):
    labels = Labels({"a/chest.png": FilmLabels(frozenset({"no finding"}), "p")})
    written = table(rows, entry(QUICK), labels)
    for name, write in (("t.csv", write_csv), ("t.parquet", write_parquet)):
        with (tmp_path / name).open("wb") as place:
            write(written, place)
    assert parquet.read_table(tmp_path / "t.parquet").equals(written, check_metadata=True)
    options = csv.ConvertOptions(
        column_types=written.schema, strings_can_be_null=True, quoted_strings_can_be_null=False
    )
    assert csv.read_csv(tmp_path / "t.csv", convert_options=options).equals(written)
    assert written["label: No Finding"].to_pylist() == [1, None, None, None, None, None]
    assert b"Never for diagnosis" in written.schema.metadata[b"notice"]


def test_the_terminal_writes_the_result_of_analyze(folder, contents, tmp_path):
    done = CliRunner().invoke(
        app, ["cohort", str(folder), "--out", str(tmp_path), "--model", QUICK, "--overlays"]
    )
    assert done.exit_code == 0, done.output
    assert "6 files: 3 answered, 1 refused, 2 not read, 1 duplicates." in done.stdout
    found = parquet.read_table(tmp_path / "results.parquet").to_pylist()
    assert [one["file"] for one in found] == sorted(contents)
    for one in found:
        if one["state"] != "answered":
            assert one["sentence"]
            assert one["most_likely"] is None
            continue
        (facts,) = json.loads(
            CliRunner().invoke(app, ["analyze", str(folder / one["file"]), "--model", QUICK, "--json"]).stdout
        )
        assert [np.float32(one[f"probability: {name}"]) for name in facts["findings"]] == [
            np.float32(value) for value in facts["probabilities"]
        ]
        assert [one[f"answer: {name}"] for name in facts["findings"]] == facts["answers"]
        assert one["pixels_sha256"] == facts["pixels_sha256"]
    labels = {one["file"]: (one["label: Mass"], one["label: No Finding"]) for one in found}
    assert labels["a/chest.png"] == (0, 1)
    assert labels["b/other.png"] == (1, 0)
    assert labels["b/again.bmp"] == (None, None)
    overlays = sorted((tmp_path / "overlays").iterdir())
    assert [path.name for path in overlays] == ["00001-chest.png", "00002-again.png", "00003-other.png"]
    case = analyze(read_radiograph(contents["b/other.png"], "other.png"), Request(QUICK))
    expected = draw(case, case.answer.finding, Drawing())
    assert np.array_equal(np.asarray(Image.open(overlays[2])), expected)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nowhere"], "There is no folder nowhere."),
        ([".", "--model", "oracle"], "There is no model 'oracle'."),
        ([".", "--finding", "Hernia"], "does not report 'Hernia'"),
        (["tests/cohort"], "cannot be read or written"),
    ],
)
def test_what_cannot_be_done_is_a_sentence(arguments, sentence, tmp_path):
    if "written" in sentence:
        (tmp_path / "out").write_text("a file, not a folder")
    done = CliRunner().invoke(app, ["cohort", *arguments, "--out", str(tmp_path / "out")])
    assert done.exit_code == 2
    assert sentence in done.output
    assert "Traceback" not in done.output


def test_unusable_labels_are_not_counted_and_a_chosen_page_is_noted(contents, tmp_path):
    films = tmp_path / "films"
    films.mkdir()
    (films / "known.png").write_bytes(contents["a/chest.png"])
    pages = [Image.open(io.BytesIO(contents[name])) for name in ("b/other.png", "a/chest.png")]
    pages[0].save(films / "pages.tif", save_all=True, append_images=pages[1:])
    (films / "labels.csv").write_text("path,labels\nknown.png,No Finding\npages.tif,gesund\n")
    done = CliRunner().invoke(app, ["cohort", str(films), "--out", str(tmp_path / "out"), "--model", QUICK])
    assert done.exit_code == 0, done.output
    assert '1 of 2 files have a label, in the columns that begin with "label: ".' in done.stdout
    found = parquet.read_table(tmp_path / "out" / "results.parquet").to_pylist()
    assert ["First of 2 pages." in one["notes"] for one in found] == [False, True]
    line = CliRunner().invoke(app, ["analyze", str(films / "pages.tif"), "--model", QUICK, "--anyway"]).stdout
    assert line.rstrip().endswith(found[1]["notes"])


def test_overlays_can_be_drawn_from_a_row(contents):
    files = [File(name, partial(bytes, data)) for name, data in contents.items()]
    done = list(run(files, Predictor(Request(QUICK, intervals=False))))
    data = overlays_zip(zip(range(1, 7), files, done, strict=True), "Effusion")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.namelist() == ["00001-chest.png", "00002-other.png", "00003-again.png"]
        drawn = np.asarray(Image.open(io.BytesIO(archive.read("00002-other.png"))))
    case = analyze(read_radiograph(contents["b/other.png"], "other.png"), Request(QUICK))
    assert np.array_equal(drawn, draw(case, "Effusion", Drawing()))


def test_the_verdict_on_the_map_is_that_of_a_single_film(contents):
    (row,) = rows_of(
        {"b/other.png": contents["b/other.png"]}, Request(QUICK, intervals=False), evidence=True
    ).values()
    case = analyze(read_radiograph(contents["b/other.png"], "other.png"), Request(QUICK, intervals=False))
    explanation = case.explanation(case.answer.finding)
    expected = verdict_of(explanation, list(checks_of(case, explanation, names=COUNTED)))
    assert (row.map_finding, row.map_verdict) == (case.answer.finding, expected)
    assert {check.name for check in row.map_checks} == {*COUNTED}
    assert row.checked_map.finding == case.answer.finding
    (written,) = table([row], entry(QUICK)).to_pylist()
    assert (written["map_finding"], written["map"]) == (row.map_finding, expected.support)
    assert written["map_reason"] == expected.reason


def test_without_checks_there_is_no_verdict(rows):
    assert {row.map_verdict for row in rows} == {None}
    assert table(rows, entry(QUICK))["map"].null_count == len(rows)


def test_an_answer_about_a_film_that_is_unlike_all_others_is_uncertain():
    results, _ = planted.cohort([0.95, 0.95], [1, 1], "AA", familiarity=[0.0, 0.5])
    assert results["certainty"].to_pylist() == ["uncertain", "certain"]
    assert "the film is farther from the training films" in results["statement"][0].as_py()
