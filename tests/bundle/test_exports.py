"""What a page offers and the terminal writes: every file is what it says, from the same Case."""

import io
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread
from pypdf import PdfReader
from typer.testing import CliRunner

from tests.corpus import dicom, simulated_png
from tests.report.by_hand import all_checks, written
from xray.bundle import read_bundle, replay
from xray.bundle.exports import Offer, offered
from xray.cli import app
from xray.errors import InvalidRequest
from xray.imaging.phantom import simulated_samples
from xray.pipeline import Request, analyze
from xray.types import Case

KINDS = {"pdf", "html", "markdown", "bundle", "dicom"}
STUDY = "1.2.826.0.1.3680043.9.4711.1"


@pytest.fixture(scope="module")
def film(tmp_path_factory) -> Path:
    """A chest as a DICOM file with the UIDs of a study."""
    stored = np.rint(simulated_samples()[0].build().radiograph.pixels * 65535).astype(np.uint16)
    path = tmp_path_factory.mktemp("films") / "Θώρακας <b>.dcm"
    path.write_bytes(dicom(stored, StudyInstanceUID=STUDY, SeriesInstanceUID=f"{STUDY}.2"))
    return path


@pytest.fixture(scope="module")
def case() -> Case:
    return analyze(simulated_samples()[0].build().radiograph, Request("findings-cnn"))


def by_kind(offers: tuple[Offer, ...]) -> dict[str, Offer]:
    return {one.kind: one for one in offers}


def test_every_offer_makes_what_its_name_says(case):
    offers = by_kind(offered(case, written(case), all_checks()))
    assert set(offers) == KINDS
    assert len({one.label for one in offers.values()}) == len({one.file for one in offers.values()}) == 5
    made = {kind: one.make() for kind, one in offers.items()}
    assert "Can the map be believed?" in PdfReader(io.BytesIO(made["pdf"])).pages[0].extract_text()
    assert "<h2>Can the map be believed?</h2>" in made["html"].decode()
    assert "## Can the map be believed?" in made["markdown"].decode()
    assert replay(read_bundle(made["bundle"], "b.zip")).same
    with zipfile.ZipFile(io.BytesIO(made["dicom"])) as archive:
        capture, report = (dcmread(io.BytesIO(archive.read(one))) for one in ("overlay.dcm", "findings.dcm"))
    assert capture.SOPInstanceUID in str(report)
    assert {Path(one.file).suffix for one in offers.values()} == {".pdf", ".html", ".md", ".zip"}


def test_pixels_stay_out_when_they_are_to_and_a_case_without_map_has_no_dicom(case):
    offers = by_kind(offered(case, written(case), pixels=False))
    assert read_bundle(offers["bundle"].make(), "b.zip").pixels is None
    bare = replace(case, explanations=())
    assert set(by_kind(offered(bare, written(bare)))) == KINDS - {"dicom"}
    with pytest.raises(InvalidRequest, match="Gout"):
        offered(case, written(case), finding="Gout")


def run(*arguments: object):
    return CliRunner().invoke(app, ["export", *(str(one) for one in arguments), "--model", "findings-cnn"])


def test_the_terminal_writes_all_and_joins_the_study_only_when_asked(film, tmp_path):
    done = run(film, "--out", tmp_path, "--prompt", "Look for fractures.", "--keep-uids")
    assert done.exit_code == 0, done.output
    names = ["area.dcm", "bundle.zip", "findings.dcm", "map.dcm", "overlay.dcm"]
    names += ["report.html", "report.md", "report.pdf"]
    written = {path.name for path in tmp_path.iterdir()} | {f"{film.stem}-area.dcm"}  # none without evidence
    assert sorted(written) == [f"{film.stem}-{name}" for name in names]
    assert "Look for fractures." in (tmp_path / f"{film.stem}-report.md").read_text(encoding="utf-8")
    assert dcmread(tmp_path / f"{film.stem}-findings.dcm").StudyInstanceUID == STUDY
    assert run(film, "--out", tmp_path / "new", "--dicom").exit_code == 0
    assert {path.suffix for path in (tmp_path / "new").iterdir()} == {".dcm"}
    assert dcmread(tmp_path / "new" / f"{film.stem}-overlay.dcm").StudyInstanceUID != STUDY


def test_a_bundle_without_pixels_is_replayed_with_its_film(film, tmp_path):
    assert run(film, "--out", tmp_path, "--bundle", "--without-pixels", "--method", "layercam").exit_code == 0
    (file,) = tmp_path.iterdir()
    alone = CliRunner().invoke(app, ["replay", str(file)])
    assert (alone.exit_code, "--film FILE" in alone.stderr) == (2, True)
    done = CliRunner().invoke(app, ["replay", str(file), "--film", str(film)])
    assert done.exit_code == 0, done.output


def test_uids_of_a_png_cannot_be_kept_and_a_missing_film_is_told(tmp_path):
    png = tmp_path / "chest.png"
    png.write_bytes(simulated_png(0))
    done = run(png, "--out", tmp_path / "out", "--dicom", "--keep-uids")
    assert done.exit_code == 2
    assert "no UIDs of study, series and image" in done.stderr
    assert not (tmp_path / "out").exists()
    done = run(tmp_path / "nowhere.png", "--out", tmp_path)
    assert (done.exit_code, "nowhere.png cannot be opened." in done.stderr) == (2, True)
