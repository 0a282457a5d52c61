"""The map as DICOM: valid by dicom3tools, the same values when read back, for the image of the film."""

import io
import shutil
import subprocess
from dataclasses import replace

import highdicom as hd
import numpy as np
import pytest
from pydicom import Dataset, dcmread
from pydicom.sr._concepts_dict import concepts

from tests.conftest import gradient_film
from xray.bundle.exports import dicom_objects
from xray.geometry import Affine
from xray.io.dicom_codes import SNOMED, finding_code
from xray.io.dicom_out import DicomOut
from xray.io.dicom_source import Source
from xray.types import Case, Explanation, GateResult, Prediction, Radiograph

SOURCE = Source("1.2.3", "1.2.3.4", "1.2.3.4.5", "1.2.840.10008.5.1.4.1.1.1.1")
FINDINGS = ("Pneumonia", "Mass")


def case_of(film: Radiograph) -> Case:
    """A film with maps of 4 x 5 cells."""
    values = np.random.default_rng(0).normal(size=(4, 5)).astype(np.float32)
    shape = film.pixels.shape
    to_source, model = Affine.stretch((4, 5), shape), ("findings-cnn", "0" * 64)
    maps = tuple(
        Explanation("gradcam", "features.12", finding, values * sign, to_source, shape, *model)
        for finding, sign in zip(FINDINGS, (1, -1), strict=True)
    )
    logits, probabilities, points = (np.float32(pair) for pair in ([1, -1], [0.7, 0.3], [0.5, 0.5]))
    return Case(
        film, Prediction(*model, FINDINGS, logits, probabilities, points), maps, GateResult(True, "", "", "")
    )


@pytest.fixture(scope="module")
def case() -> Case:
    return case_of(replace(gradient_film(), spacing_mm=(0.2, 0.1)))


def objects(case: Case, source: Source | None = SOURCE) -> DicomOut:
    return dicom_objects(case, "Pneumonia", source)


def read(data: bytes) -> Dataset:
    return dcmread(io.BytesIO(data))


@pytest.mark.skipif(not shutil.which("dciodvfy"), reason="dicom3tools is not installed")
@pytest.mark.parametrize("source", [SOURCE, None])
@pytest.mark.parametrize("spacing", [(0.2, 0.1), None])
@pytest.mark.parametrize("largest", [3.0, 0.1])
def test_map_and_area_are_valid(case, source, spacing, largest, tmp_path):
    maps = tuple(
        replace(one, raw_map=one.raw_map * largest / np.ptp(one.raw_map)) for one in case.explanations
    )
    film = replace(case.radiograph, spacing_mm=spacing)
    files = objects(replace(case, radiograph=film, explanations=maps), source).files()
    assert files.keys() == {"overlay.dcm", "findings.dcm", "map.dcm", "area.dcm"}
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
        done = subprocess.run(["dciodvfy", tmp_path / name], capture_output=True, text=True, check=False)
        assert "Error" not in done.stderr + done.stdout, (name, done.stderr)


def test_the_parametric_map_has_the_values_of_the_raw_map(case):
    data = objects(case).files()["map.dcm"]
    image = dcmread(io.BytesIO(data))
    expected = case.explanation("Pneumonia").raw_map
    assert np.array_equal(image.pixel_array, expected)
    assert hd.pm.ParametricMap.from_dataset(image).SOPInstanceUID == image.SOPInstanceUID
    mapping = image.SharedFunctionalGroupsSequence[0].get("RealWorldValueMappingSequence")
    mapping = mapping or image.PerFrameFunctionalGroupsSequence[0].RealWorldValueMappingSequence
    assert (mapping[0].RealWorldValueSlope, mapping[0].RealWorldValueIntercept) == (1, 0)
    assert mapping[0].MeasurementUnitsCodeSequence[0].CodeValue == "1"
    assert mapping[0].LUTExplanation.startswith("contribution of a location to the finding's logit")


def test_a_cell_has_its_size_in_mm_and_its_place_on_the_film(case):
    image = read(objects(case).files()["map.dcm"])
    (measures,) = image.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence
    assert list(measures.PixelSpacing) == pytest.approx([24 * 0.2, 16 * 0.1])
    derivation = image.PerFrameFunctionalGroupsSequence[0].DerivationImageSequence[0]
    assert "column 16 x +0 y +0 and row 0 x +24 y +0" in derivation.DerivationDescription
    without = replace(case, radiograph=replace(case.radiograph, spacing_mm=None))
    image = read(objects(without).files()["map.dcm"])
    derivation = image.PerFrameFunctionalGroupsSequence[0].DerivationImageSequence[0]
    assert "spacing of the film is unknown" in derivation.DerivationDescription


def test_the_area_is_where_the_overlay_draws_the_map(case):
    found = objects(case)
    segmentation = hd.seg.segread(io.BytesIO(found.files()["area.dcm"]))
    explanation = case.explanation("Pneumonia")
    highest = max(other.raw_max for other in case.explanations)
    expected = explanation.heatmap() / highest >= 0.15
    assert 0 < expected.mean() < 1
    pixels = segmentation.get_pixels_by_source_instance([SOURCE.instance], combine_segments=True)
    assert np.array_equal(pixels[0].astype(bool), expected)


def test_both_join_the_study_of_the_source_and_reference_its_image(case):
    files = objects(case).files()
    for name in ("map.dcm", "area.dcm"):
        image = read(files[name])
        assert image.StudyInstanceUID == SOURCE.study
        assert image.SeriesInstanceUID != SOURCE.series
        (series,) = image.ReferencedSeriesSequence
        (referenced,) = series.ReferencedInstanceSequence
        assert series.SeriesInstanceUID == SOURCE.series
        assert referenced.ReferencedSOPInstanceUID == SOURCE.instance
        assert not image.PatientID


def test_no_position_in_the_patient_is_stated(case):
    first, second = (objects(case).files() for _ in range(2))
    assert read(first["map.dcm"]).FrameOfReferenceUID != read(second["map.dcm"]).FrameOfReferenceUID
    assert "FrameOfReferenceUID" not in read(first["area.dcm"])


def test_without_a_source_they_reference_the_overlay(case):
    files = {name: read(data) for name, data in objects(case, None).files().items()}
    for name in ("map.dcm", "area.dcm"):
        referenced = files[name].ReferencedSeriesSequence[0].ReferencedInstanceSequence[0]
        assert referenced.ReferencedSOPInstanceUID == files["overlay.dcm"].SOPInstanceUID
        assert files[name].StudyInstanceUID == files["overlay.dcm"].StudyInstanceUID


def test_a_map_without_positive_values_has_no_area(case):
    negative = replace(
        case,
        explanations=tuple(replace(other, raw_map=-np.abs(other.raw_map)) for other in case.explanations),
    )
    assert objects(negative).files().keys() == {"overlay.dcm", "findings.dcm", "map.dcm"}


def test_a_constant_map_is_encoded(case):
    constant = replace(case.explanations[0], raw_map=np.zeros((4, 5), np.float32))
    files = objects(replace(case, explanations=(constant, case.explanations[1]))).files()
    assert not np.frombuffer(read(files["map.dcm"]).FloatPixelData, "<f4").any()


def test_findings_with_an_exact_concept_have_its_code_and_others_a_private_one():
    code = finding_code("Pneumonia", FINDINGS)
    assert (code.value, code.scheme_designator, code.meaning) == ("233604007", "SCT", "Pneumonia")
    private = finding_code("Mass", FINDINGS)
    assert (private.value, private.scheme_designator, private.meaning) == ("FINDING_2", "99XRAY", "Mass")
    assert len({value for value, _ in SNOMED.values()}) == len(SNOMED)
    known = {value: names for named in concepts["SCT"].values() for value, (names, _) in named.items()}
    for value, meaning in SNOMED.values():
        assert known.get(value, meaning) == meaning
