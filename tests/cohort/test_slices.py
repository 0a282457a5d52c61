"""Slices against scikit-learn, statsmodels, DeLong's variance and planted differences."""

import io
import json
from unittest.mock import Mock

import numpy as np
import pytest
from pyarrow import parquet
from pydicom import dcmread, dcmwrite
from pydicom.data import get_testdata_file
from scipy.stats import norm
from sklearn.metrics import roc_auc_score
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint
from typer.testing import CliRunner

from tests.cohort.conftest import QUICK
from tests.cohort.planted import FINDING, cohort
from tests.corpus import simulated_png
from xray.access import TERMINAL
from xray.cli import app
from xray.cohort.attributes import NOT_STATED, groups
from xray.cohort.labels import listed, of_folder
from xray.cohort.slice_table import slice_table, sliced
from xray.cohort.slices import AUROC, CALIBRATION, CANNOT_TELL, SENSITIVITY, SUPPORTED, films_of, slices
from xray.errors import UnusableData
from xray.io import tables
from xray.train.metrics import holm


@pytest.fixture(scope="module")
def planted():
    """Three devices; on the third the scores are noise, answers are undecided, and maps are unsupported."""
    generator = np.random.default_rng(7)
    sick = generator.random(360) < 0.5
    devices = np.repeat(["alpha", "beta", "gamma"], 120)
    scores = np.clip(generator.normal(0.35 + 0.3 * sick, 0.12), 0, 1)
    scores[devices == "gamma"] = generator.uniform(0.32, 0.68, 120)
    supported = generator.random(360) < np.where(devices == "gamma", 0.3, 0.8)
    results, labels = cohort(scores, sick, devices, supported=supported)
    return scores, sick, devices, supported, sliced(results, labels, FINDING, ["device"])


def test_every_figure_of_a_slice_is_that_of_another_library(planted):
    scores, sick, devices, supported, (everything, found) = planted
    for part in found:
        inside = devices == part.value
        assert part.rows == tuple(np.flatnonzero(inside))
        assert (part.labeled, part.present) == (120, sick[inside].sum())
        assert part.figures[AUROC].value == pytest.approx(
            roc_auc_score(sick[inside], np.float32(scores[inside]))
        )
        shares = {
            SENSITIVITY: (scores >= 0.5)[inside & sick],
            CANNOT_TELL: ((scores >= 0.3) & (scores <= 0.7))[inside],
            SUPPORTED: supported[inside],
        }
        for name, outcome in shares.items():
            low, high = proportion_confint(outcome.sum(), len(outcome), method="wilson")
            figure = part.figures[name]
            assert (figure.value, figure.low, figure.high) == pytest.approx((outcome.mean(), low, high))
    assert everything[AUROC].value == pytest.approx(roc_auc_score(sick, np.float32(scores)))
    assert everything[AUROC].low < everything[AUROC].value < everything[AUROC].high


def test_the_planted_device_comes_first_and_only_it_is_worse(planted):
    *_, (_, found) = planted
    first, *others = found
    assert first.value == "gamma"
    assert {AUROC, CANNOT_TELL, SUPPORTED} <= first.worse
    assert max(first.p[name] for name in (AUROC, CANNOT_TELL, SUPPORTED)) < 1e-3
    assert CALIBRATION not in first.p
    assert all(part.lowest_p > 0.05 for part in others)


def delong(scores, sick):
    """AUROC and its variance by DeLong et al. 1988, from pairs."""
    wins = (scores[sick][:, None] > scores[~sick]) + 0.5 * (scores[sick][:, None] == scores[~sick])
    variance = wins.mean(1).var(ddof=1) / sick.sum() + wins.mean(0).var(ddof=1) / (~sick).sum()
    return wins.mean(), variance


def test_the_test_of_an_auroc_difference_agrees_with_delong():
    generator = np.random.default_rng(3)
    sick, scores = generator.random(200) < 0.5, generator.random(200)
    scores[sick] += 0.15
    devices = np.where(np.arange(200) < 80, "alpha", "beta")
    results, labels = cohort(np.clip(scores, 0, 1), sick, devices)
    scores = np.float32(np.clip(scores, 0, 1))
    _, (one, _) = sliced(results, labels, FINDING, ["device"])
    (a, va), (b, vb) = (delong(scores[devices == name], sick[devices == name]) for name in ("alpha", "beta"))
    films = films_of(results, FINDING, labels)
    alpha = next(part for part in slices(films, list(devices), "device") if part.value == "alpha")
    assert alpha.p[AUROC] == pytest.approx(2 * norm.sf(abs(a - b) / np.sqrt(va + vb)), abs=0.05)
    assert one.p[AUROC] >= alpha.p[AUROC]


def test_p_is_corrected_as_in_statsmodels():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])  # by hand
    assert holm([]) == []
    generator = np.random.default_rng(0)
    for count in (1, 2, 17):
        p = generator.random(count) ** 3
        assert holm(p) == pytest.approx(multipletests(p, method="holm")[1])


@pytest.mark.parametrize("count", [9, 10])
def test_a_calibration_error_needs_ten_patients_however_many_films_they_have(count):
    patients = [f"patient {number % count}" for number in range(40)]
    results, labels = cohort(np.linspace(0, 1, 40), [1] * 40, ["a"] * 40, patients=patients)
    everything, _ = sliced(results, labels, FINDING, [])
    assert (CALIBRATION in everything) == (count == 10)


def test_few_films_give_only_shares_and_films_without_labels_only_the_share_that_is_undecided():
    results, labels = cohort([0.2, 0.9, 0.6, 0.4], [0, 1, 1, 0], ["a", "a", "b", "b"])
    everything, found = sliced(results, labels, FINDING, ["device"])
    assert {name for part in found for name in part.figures} == {SENSITIVITY, CANNOT_TELL}
    first, second, third = slice_table(everything, found, 4).to_pylist()
    assert (first["value"], first["films"], first["AUROC"]) == ("all films", 4, None)
    assert {(line["value"], line["with finding"]) for line in (second, third)} == {("a", 1), ("b", 1)}
    hidden = results.drop_columns([name for name in results.column_names if name.startswith("label: ")])
    _, found = sliced(hidden, labels, FINDING, ["device"])
    assert {part.value: part.figures[CANNOT_TELL].value for part in found} == {"a": 0, "b": 1}
    assert {name for part in found for name in part.figures} == {CANNOT_TELL}


@pytest.mark.parametrize("count", [4, 5])
def test_an_auroc_needs_five_patients_with_the_finding_however_many_films_they_have(count):
    sick = np.arange(80) % 2 == 0
    patients = [f"sick {number % count}" if ill else f"well {number}" for number, ill in enumerate(sick)]
    devices = np.where(np.arange(80) < 40, "alpha", "beta")
    results, labels = cohort(np.linspace(0, 1, 80), sick, devices, patients=patients)
    _, found = sliced(results, labels, FINDING, ["device"])
    assert [AUROC in part.figures for part in found] == [count == 5] * 2


@pytest.mark.parametrize(
    ("column", "values", "expected"),
    [
        (
            "age",
            ["17", "18", "058Y", "006M", "79", "80", ""],
            ["under 18", "18 to 39", "40 to 59", "under 18", "60 to 79", "80 and over", NOT_STATED],
        ),
        ("PatientAge", ["120D", "39.9", "101"], ["under 18", "18 to 39", "80 and over"]),
        ("sex", ["F", "M", ""], ["F", "M", NOT_STATED]),
        ("kvp", [str(value) for value in range(1, 9)], [str(value) for value in range(1, 9)]),
        (
            "dose",
            [str(value) for value in range(1, 13)],
            ["up to 3.75"] * 3
            + ["over 3.75, up to 6.5"] * 3
            + ["over 6.5, up to 9.25"] * 3
            + ["over 9.25"] * 3,
        ),
    ],
)
def test_values_are_grouped(column, values, expected):
    assert groups(column, values) == expected


def test_a_column_of_too_many_words_is_a_sentence():
    with pytest.raises(UnusableData, match="The column note has 30 different values"):
        groups("note", [f"word {number}" for number in range(30)])


def test_other_columns_of_a_list_are_read_once_and_also_for_films_without_label(tmp_path, monkeypatch):
    written = "path,labels,patient_id,Age,Sex\na/1.png,Effusion,7,63,F\na/2.png,,8,9,M\n"
    labels = listed([("labels.csv", written.encode())], ["a/1.png", "a/2.png", "a/3.png"])
    assert labels.columns == ("Age", "Sex")
    assert [labels.attribute(f"a/{number}.png", "Sex") for number in (1, 2, 3)] == ["F", "M", ""]
    (tmp_path / "a").mkdir()
    (tmp_path / "labels.csv").write_text(written)
    (tmp_path / "a" / "1.png").write_bytes(simulated_png(0))
    monkeypatch.setattr(tables, "_records", counted := Mock(wraps=tables._records))
    assert of_folder(tmp_path, TERMINAL).attribute("a/1.png", "Age") == "63"
    assert counted.call_count == 1


def test_the_terminal_slices_by_a_column_and_by_a_dicom_attribute_and_keeps_no_name(tmp_path):
    films = tmp_path / "films"
    films.mkdir()
    for number, sex in enumerate("FM"):
        dataset = dcmread(get_testdata_file("CT_small.dcm"))
        dataset.PatientSex, dataset.PatientName, dataset.PatientAge = sex, "Doe^Jane", "061Y"
        dataset.PixelData = bytes([number]) + dataset.PixelData[1:]
        buffer = io.BytesIO()
        dcmwrite(buffer, dataset)
        (films / f"{number}.dcm").write_bytes(buffer.getvalue())
    (films / "2.png").write_bytes(simulated_png(0))
    (films / "labels.csv").write_text(
        "path,labels,ward\n0.dcm,No Finding,A\n1.dcm,Effusion,B\n2.png,Mass,B\n"
    )
    command = ["cohort", str(films), "--out", str(tmp_path / "out"), "--model", QUICK, "--anyway"]
    by = ["--by", "patient sex", "--by", "Ward", "--finding", "Effusion"]
    done = CliRunner().invoke(app, [*command, *by])
    assert done.exit_code == 0, done.output
    assert "PatientSex: F (1 film)" in done.stdout
    assert f"PatientSex: {NOT_STATED} (1 film)" in done.stdout
    assert "ward: B (2 films)" in done.stdout
    results = parquet.read_table(tmp_path / "out" / "results.parquet")
    assert results["attribute: PatientSex"].to_pylist() == ["F", "M", ""]
    assert not [name for name in results.column_names if "Age" in name or "Name" in name]
    assert "JANE" not in json.dumps(results.to_pylist(), default=str).upper()
    assert (tmp_path / "out" / "slices.csv").read_text().count("\n") == 1 + 1 + 3 + 2
    wrong = CliRunner().invoke(app, [*command, "--by", "PatientName"])
    assert wrong.exit_code == 2
    assert (
        "There is no column 'PatientName'. Known columns of the list: ward; DICOM attributes:" in wrong.output
    )
