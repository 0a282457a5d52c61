"""Search, retrieve and store with Orthanc; what is sent joins the patient of the study."""

import io
from dataclasses import asdict

import pytest
from pydicom import dcmread
from pydicom.uid import generate_uid
from typer.testing import CliRunner

from tests.corpus import dicom, film
from tests.pacs.conftest import ARM, CHEST, PATIENT, STUDY
from xray.cli import app
from xray.cohort.location import located
from xray.errors import InvalidRequest, PacsUnavailable, UnreadableImage, UnusableData
from xray.io import read_radiograph
from xray.io.dicomweb import Pacs, RemoteFilm, place


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"StudyDate": "20240101-20240131"}, {CHEST, ARM}),
        ({"StudyDate": "20240106-"}, set()),
        ({"BodyPartExamined": "CHEST"}, {CHEST}),
        ({"Modality": "DX", "BodyPartExamined": "A*"}, {ARM}),
        ({"Modality": "CR", "StudyInstanceUID": STUDY}, set()),
    ],
)
def test_a_search_returns_the_films_that_match_and_no_patient(pacs, filters, expected):
    found = pacs.search({"StudyInstanceUID": STUDY} | filters)
    assert {film.instance for film in found} == expected
    assert not any(value in str(asdict(film)) for film in found for value in PATIENT.values())
    for one in found:
        assert (one.date, one.modality, one.study) == ("2024-01-05", "DX", STUDY)
        assert one.description == f"{one.body_part} AP"


def test_a_film_is_retrieved_with_its_pixels_and_header(pacs, films):
    (found,) = pacs.search({"SOPInstanceUID": CHEST})
    assert dcmread(io.BytesIO(pacs.retrieve(found))) == dcmread(io.BytesIO(films[CHEST]))


def test_a_search_with_too_many_films_or_an_unknown_keyword_is_refused(pacs):
    with pytest.raises(InvalidRequest, match="More than 1 films"):
        pacs.search({"StudyInstanceUID": STUDY}, most=1)
    with pytest.raises(InvalidRequest, match="'Modalty' is not a DICOM keyword"):
        pacs.search({"Modalty": "DX"})


def test_a_file_without_a_patient_gets_that_of_its_study(pacs):
    uid = generate_uid()
    result = dicom(
        film(),
        StudyInstanceUID=STUDY,
        SeriesInstanceUID=generate_uid(),
        SOPInstanceUID=uid,
        SOPClassUID="1.2.840.10008.5.1.4.1.1.7",
        SpecificCharacterSet="ISO_IR 192",
        Modality="OT",
        PatientName="",
        PatientID="",
        SeriesDescription="Overlay. Research only",
    )
    (stored,) = pacs.store([result])
    assert (stored.instance, stored.reason) == (uid, "")
    (series,) = {
        item["0020000E"]["Value"][0]
        for item in pacs._client.search_for_instances(search_filters={"SOPInstanceUID": uid})
    }
    back = dcmread(io.BytesIO(pacs.retrieve(RemoteFilm(STUDY, series, uid))))
    assert {name: str(back[name].value) for name in PATIENT} == PATIENT
    assert (back.StudyDate, back.StudyTime) == ("20240105", "101500")
    assert uid not in {one.instance for one in pacs.search({"StudyInstanceUID": STUDY})}


def test_a_value_with_a_space_is_found(pacs):
    uid = generate_uid()
    leg = dicom(
        film(),
        StudyInstanceUID=uid,
        SeriesInstanceUID=uid,
        SOPInstanceUID=uid,
        BodyPartExamined="LOWER LEG",
    )
    pacs.store([leg])
    found = pacs.search({"StudyInstanceUID": uid, "BodyPartExamined": "LOWER LEG"})
    assert [(one.instance, one.body_part) for one in found] == [(uid, "LOWER LEG")]


def test_a_file_that_is_not_dicom_is_not_sent(pacs):
    with pytest.raises(InvalidRequest, match="not DICOM"):
        pacs.store([b"nothing"])


def test_a_search_is_a_cohort_whose_films_are_those_of_the_files(pacs, films):
    listed, labels = located(f"dicomweb://{pacs.host}/dicom-web?StudyInstanceUID={STUDY}&Modality=DX")
    assert {file.name for file in listed} == {f"{CHEST}.dcm", f"{ARM}.dcm"}
    assert not labels
    for file in listed:
        expected = read_radiograph(films[file.name.removesuffix(".dcm")], file.name)
        assert file.film().sha256 == expected.sha256
    with pytest.raises(UnusableData, match="No film of 127"):
        located(f"dicomweb://{pacs.host}/dicom-web?Modality=MR")


@pytest.mark.slow
def test_a_cohort_from_the_pacs_has_the_rows_of_the_same_films_in_a_folder(pacs, films, tmp_path):
    place = f"dicomweb://{pacs.host}/dicom-web?StudyInstanceUID={STUDY}&Modality=DX"
    (tmp_path / "films").mkdir()
    for uid, data in films.items():
        (tmp_path / "films" / f"{uid}.dcm").write_bytes(data)
    rows = {}
    for source in (place, str(tmp_path / "films")):
        out = tmp_path / ("folder" if source != place else "pacs")
        command = ["cohort", source, "--out", str(out), "--model", "findings-cnn", "--anyway"]
        done = CliRunner().invoke(app, command)
        assert done.exit_code == 0, done.output
        rows[source] = sorted((out / "results.csv").read_text().splitlines())
    assert len(rows[place]) == 3
    assert len({tuple(lines) for lines in rows.values()}) == 1


def test_a_film_that_is_gone_is_an_error_of_that_film(pacs):
    from xray.cohort.pacs import _retrieved

    with pytest.raises(UnreadableImage, match="status 404"):
        _retrieved(pacs.url, RemoteFilm(STUDY, generate_uid(), generate_uid()))


def test_the_address_of_a_search(configured):
    configured(pacs_url="http://pacs.example:8042/dicom-web/", pacs_user="reader", pacs_password="pa55")
    assert place("dicomweb://pacs.example:8042/other?Modality=DX") == (
        "http://pacs.example:8042/other",
        {"Modality": "DX"},
    )
    assert place("dicomweb://?StudyDate=20240101-") == (
        "http://pacs.example:8042/dicom-web",
        {"StudyDate": "20240101-"},
    )
    assert place("dicomweb://else.example/dw") == ("https://else.example/dw", {})
    assert place("dicomweb://localhost:1/dw")[0] == "http://localhost:1/dw"
    with pytest.raises(InvalidRequest, match="KEYWORD=VALUE"):
        place("dicomweb://else.example/dw?Modality")
    with pytest.raises(PacsUnavailable) as caught:
        place("dicomweb://me:s3cret@else.example/dw")
    assert "s3cret" not in str(caught.value)


def test_the_command_line_lists_and_sends_only_with_yes(pacs, tmp_path, films):
    uid = generate_uid()
    path = tmp_path / "film.dcm"
    path.write_bytes(
        dicom(film(), StudyInstanceUID=generate_uid(), SeriesInstanceUID=uid, SOPInstanceUID=uid)
    )
    listed = CliRunner().invoke(app, ["send", str(path)])
    assert listed.exit_code == 0
    assert f"{path}: Computed Radiography Image, study" in listed.output
    assert "Nothing was sent." in listed.output
    assert not pacs.search({"SOPInstanceUID": uid})
    sent = CliRunner().invoke(app, ["send", str(path), "--to", pacs.url, "--yes"])
    assert (sent.exit_code, f"{path}: stored" in sent.output) == (0, True)
    assert [one.instance for one in pacs.search({"SOPInstanceUID": uid})] == [uid]
    assert "pa55" not in listed.output + sent.output


def test_without_an_address_there_is_no_pacs():
    with pytest.raises(PacsUnavailable, match="No PACS is set"):
        Pacs()
