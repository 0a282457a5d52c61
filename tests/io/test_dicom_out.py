"""DICOM out: valid by dicom3tools, the same values when read back, and nobody's name in it."""

import io
import shutil
import subprocess
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from pydicom import Dataset, dcmread

from tests.corpus import dicom
from xray.errors import InvalidRequest
from xray.imaging.phantom import simulated_samples
from xray.io import read_radiograph
from xray.io.dicom_codes import SCHEME, SNOMED
from xray.io.dicom_out import DicomOut
from xray.io.dicom_source import source_of
from xray.models.detector import chosen
from xray.pipeline import Request, analyze
from xray.render.overlay import Drawing, draw
from xray.types import Case

PLANTED = {
    "PatientName": "ZZPLANTED^JANE",
    "PatientID": "470814711",
    "PatientBirthDate": "19410814",
    "AccessionNumber": "470814711",
    "InstitutionName": "ZZPLANTED",
    "StudyInstanceUID": "1.2.826.0.1.3680043.9.470814711.1",
    "SeriesInstanceUID": "1.2.826.0.1.3680043.9.470814711.2",
    "SOPInstanceUID": "1.2.826.0.1.3680043.9.470814711.3",
}
UIDS = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")


@pytest.fixture(scope="module")
def file() -> bytes:
    """A forearm with a fracture as its maker would store it, with a patient's name."""
    pixels = simulated_samples()[4].build().radiograph.pixels
    return dicom(np.rint(pixels * 65535).astype(np.uint16), **PLANTED)


@pytest.fixture(scope="module")
def boxed(file) -> Case:
    return analyze(read_radiograph(file, "forearm.dcm"), Request("fracture-yolov8n"))


@pytest.fixture(scope="module")
def chest() -> Case:
    """Many findings, and one that is no ASCII and too long."""
    case = analyze(simulated_samples()[0].build().radiograph, Request("findings-mobilenet"))
    name = "Περικαρδιακή συλλογή \\ " + "и" * 80
    said = replace(case.prediction, findings=(name, *case.prediction.findings[1:]))
    first = replace(case.explanations[0], finding=name)
    return replace(case, prediction=said, explanations=(first, *case.explanations[1:]))


def out(case: Case, file: bytes | None = None) -> DicomOut:
    found = case.detections and chosen(case.detections, case.detections.threshold)
    finding = case.answer.finding
    source = source_of(file, case.radiograph) if file else None
    return DicomOut(case, finding, draw(case, finding, Drawing()), found, source)


def pair(made: DicomOut) -> tuple[bytes, bytes]:
    """The overlay and the findings."""
    files = made.files()
    return files["overlay.dcm"], files["findings.dcm"]


def read(content: bytes) -> Dataset:
    return dcmread(io.BytesIO(content))


def concept(item: Dataset) -> str:
    return item.ConceptNameCodeSequence[0].CodeMeaning


def groups(report: Dataset) -> list[Dataset]:
    """The measurement groups of a TID 1500 report."""
    (container,) = (one for one in report.ContentSequence if concept(one) == "Imaging Measurements")
    return list(container.ContentSequence)


def numbers(group: Dataset) -> dict[str, float]:
    return {
        one.ConceptNameCodeSequence[0].CodeValue: float(one.MeasuredValueSequence[0].NumericValue)
        for one in group.ContentSequence
        if one.ValueType == "NUM"
    }


def regions(group: Dataset) -> list[Dataset]:
    return [one for one in group.ContentSequence if one.ValueType == "SCOORD"]


@pytest.mark.skipif(not shutil.which("dciodvfy"), reason="dicom3tools is not installed")
@pytest.mark.parametrize(("what", "kept"), [*product(("boxed", "refused"), (False, True)), ("chest", False)])
def test_both_files_are_valid(what, kept, boxed, chest, file, tmp_path):
    refused = replace(boxed, gate=replace(boxed.gate, accepted=False, reason="It is no arm."))
    case = {"boxed": boxed, "chest": chest, "refused": refused}[what]
    for name, content in zip(("capture", "report"), pair(out(case, file if kept else None)), strict=True):
        path = tmp_path / f"{name}.dcm"
        path.write_bytes(content)
        said = subprocess.run(["dciodvfy", path], capture_output=True, text=True, check=False)
        assert "Error" not in said.stderr + said.stdout, said.stderr
        assert said.returncode == 0


def test_every_finding_reads_back_with_its_values(chest):
    content, said = pair(out(chest))[1], chest.prediction
    report = read(content)
    for number, (finding, group) in enumerate(zip(said.findings, groups(report), strict=False)):
        (code,) = (one for one in group.ContentSequence if concept(one) == "Finding")
        named = code.ConceptCodeSequence[0]
        exact = SNOMED.get(finding.casefold())
        expected = (exact[0], "SCT") if exact else (f"FINDING_{number + 1}", SCHEME)
        assert (named.CodeValue, named.CodingSchemeDesignator) == expected
        assert exact or finding.replace("\\", "/").startswith(named.CodeMeaning)
        values = numbers(group)
        low, high = said.intervals[number]
        assert values == pytest.approx(
            {
                "111012": 100 * said.probabilities[number],  # DCM: Certainty of Finding, in percent
                "OPERATING_POINT": 100 * said.thresholds[number],
                "INTERVAL_LOW": 100 * low,
                "INTERVAL_HIGH": 100 * high,
            },
            rel=1e-6,
        )
        (answer,) = (one for one in group.ContentSequence if concept(one) == "What cannot be ruled out")
        assert answer.ConceptCodeSequence[0].CodeMeaning == said.answer(finding)
    template = report.ContentTemplateSequence[0]
    assert (template.MappingResource, template.TemplateIdentifier) == ("DCMR", "1500")
    assert said.weights_sha256.encode() in content
    assert chest.radiograph.sha256.encode() in content


def test_the_overlay_reads_back_pixel_for_pixel_under_the_research_notice(chest):
    capture = read(pair(out(chest))[0])
    assert np.array_equal(capture.pixel_array, draw(chest, chest.answer.finding, Drawing()))
    assert "Never for diagnosis" in str(capture.ImageComments)
    assert "Simulated" in str(capture.ImageComments)


def test_boxes_and_peak_are_regions_of_the_overlay_in_its_pixels(boxed):
    made = out(boxed)
    capture, report = map(read, pair(made))
    peak, *boxes = groups(report)[len(boxed.prediction.findings) :]
    (point,) = regions(peak)
    assert (point.GraphicType, list(point.GraphicData)) == (
        "POINT",
        pytest.approx(boxed.explanations[0].peak),
    )
    assert len(boxes) == len(made.found) > 0
    for group, (left, top, right, bottom), score in zip(
        boxes, made.found.xyxy, made.found.confidence, strict=True
    ):
        (line,) = regions(group)
        around = [left, top, right, top, right, bottom, left, bottom, left, top]
        assert (line.GraphicType, list(line.GraphicData)) == ("POLYLINE", pytest.approx(around))
        assert numbers(group) == {"BOX_SCORE": pytest.approx(score)}
        image = line.ContentSequence[0].ReferencedSOPSequence[0]
        assert image.ReferencedSOPInstanceUID == capture.SOPInstanceUID
    assert capture.StudyInstanceUID == report.StudyInstanceUID


def test_nothing_of_the_source_is_in_it_unless_its_uids_are_asked_for(boxed, file):
    for content in pair(out(boxed)):
        assert not any(value.encode() in content for value in PLANTED.values())
    capture, report = pair(out(boxed, file))
    for content in (capture, report):
        told = [name for name, value in PLANTED.items() if name not in UIDS and value.encode() in content]
        assert told in ([], ["PatientID", "AccessionNumber"])  # whose digits are also those of the UIDs
        assert not read(content).PatientID
        assert not read(content).AccessionNumber
        assert read(content).StudyInstanceUID == PLANTED["StudyInstanceUID"]
        assert read(content).SeriesInstanceUID != PLANTED["SeriesInstanceUID"]
    assert read(capture).SourceImageSequence[0].ReferencedSOPInstanceUID == PLANTED["SOPInstanceUID"]
    points_at = {
        one.ContentSequence[0].ReferencedSOPSequence[0].ReferencedSOPInstanceUID
        for group in groups(read(report))
        for one in regions(group)
    }
    assert points_at == {PLANTED["SOPInstanceUID"]}


def test_every_export_has_uids_of_its_own(boxed):
    made = [read(content) for _ in range(2) for content in pair(out(boxed))]
    assert len({one.SOPInstanceUID for one in made}) == len({one.SeriesInstanceUID for one in made}) == 4


def test_uids_of_another_film_a_changed_one_or_of_no_dicom_are_refused(boxed, file):
    film = boxed.radiograph
    changed = replace(film, pixels=film.pixels[:, ::-1].copy())
    for data, one in ((file, changed), (b"nothing", film), (dicom(np.zeros((64, 64), "u2")), film)):
        with pytest.raises(InvalidRequest, match="is not the one"):
            source_of(data, one)
    bare = dcmread(io.BytesIO(file))
    del bare.StudyInstanceUID
    buffer = io.BytesIO()
    bare.save_as(buffer)
    with pytest.raises(InvalidRequest, match="no UIDs"):
        source_of(buffer.getvalue(), film)
