"""The map of a finding as DICOM: raw values as Parametric Map, and the area that is drawn as Segmentation.

Both reference the image of the film. The Segmentation has its pixels; the Parametric Map has the cells of the
raw map, and its derivation description states their position on the film. A plain radiograph has no frame of
reference, which a Parametric Map requires. It gets a new one with the map's corner as the origin, so that no
relation to other images is stated.
"""

from __future__ import annotations

from typing import Any

import highdicom as hd
import numpy as np
from highdicom import pm, seg
from numpy.typing import NDArray
from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.sr.codedict import codes
from pydicom.uid import ExplicitVRLittleEndian
from pydicom.valuerep import format_number_as_ds

from xray import __version__
from xray.io.dicom_codes import SCHEME, text
from xray.io.encode import marked
from xray.types import Case, Explanation

MAKER = "xray"
AREA = hd.sr.CodedConcept("EVIDENCE_AREA", SCHEME, "Area where the map is drawn")
EMPTY = (  # required by highdicom; completed from the study when an object is sent
    *("PatientName", "PatientID", "PatientBirthDate", "PatientSex"),
    *("StudyDate", "StudyTime", "StudyID", "AccessionNumber", "ReferringPhysicianName"),
)


def parametric_map(case: Case, finding: str, image: Dataset, meaning: str) -> pm.ParametricMap:
    """Encode the raw map of a finding as a Parametric Map, float32 (h, w) with the raw values.

    Args:
        case: The Case.
        finding: The finding.
        image: UIDs of the image that the map belongs to.
        meaning: Meaning of the values, by the explanation method.
    """
    explanation = case.explanation(finding)
    values = explanation.raw_map
    low, high = float(values.min()), float(values.max())
    mapping = pm.RealWorldValueMapping(
        text(explanation.method)[:16],
        text(meaning),
        codes.UCUM.NoUnits,
        (low, high),
        slope=1.0,
        intercept=0.0,
        quantity_definition=hd.sr.CodedConcept(
            text(explanation.method.upper())[:16], SCHEME, text(f"{explanation.method} map")
        ),
    )
    encoded = pm.ParametricMap(
        [_placed(_source(image, values.shape), _cell_sides(case, explanation))],
        values,
        contains_recognizable_visual_features=False,
        real_world_value_mappings=[mapping],
        voi_lut_transformations=[
            hd.VOILUTTransformation(
                (low + high) / 2,
                high - low or 1.0,
                voi_lut_function=hd.VOILUTFunctionValues.LINEAR_EXACT,  # others need a width of 1 or more
            )
        ],
        content_label="RAW_MAP",
        **_identity(case, finding, 903, "Raw map"),
    )
    encoded.Laterality = ""
    derivation = encoded.PerFrameFunctionalGroupsSequence[0].DerivationImageSequence[0]
    derivation.DerivationDescription = _derivation(case, explanation, meaning)
    derivation.SourceImageSequence[0].SpatialLocationsPreserved = "NO"  # its cells are not the image's pixels
    return encoded


def segmentation(case: Case, finding: str, image: Dataset, area: NDArray[np.bool_]) -> seg.Segmentation:
    """Encode an area of the film, (H, W) with at least one pixel, as a binary Segmentation."""
    explanation = case.explanation(finding)
    algorithm = hd.AlgorithmIdentificationSequence(
        text(f"{case.prediction.model_id}, {explanation.method}"),
        codes.DCM.ArtificialIntelligence,
        __version__,
    )
    segment = seg.SegmentDescription(
        1,
        text(f"Evidence for {finding}"),
        codes.SCT.SpatialAndRelationalConcept,
        AREA,
        seg.SegmentAlgorithmTypeValues.AUTOMATIC,
        algorithm,
        tracking_uid=hd.UID(),
        tracking_id=text(f"Evidence for {finding}"),
    )
    encoded = seg.Segmentation(
        [_source(image, area.shape)],
        area.astype(np.uint8),
        seg.SegmentationTypeValues.BINARY,
        [segment],
        content_label="EVIDENCE",
        **_identity(case, finding, 904, "Area of the map"),
    )
    encoded.PatientOrientation = []
    return encoded


def _identity(case: Case, finding: str, series: int, kind: str) -> dict[str, Any]:
    title = text(f"{kind} for {finding}"[:48] + ". Research only")
    return {
        "series_instance_uid": hd.UID(),
        "series_number": series,
        "sop_instance_uid": hd.UID(),
        "instance_number": 1,
        "manufacturer": MAKER,
        "manufacturer_model_name": text(case.prediction.model_id),
        "software_versions": __version__,
        "device_serial_number": "none",
        "series_description": title,
        "content_description": title,
        "specific_character_set": "ISO_IR 192",
    }


def _source(image: Dataset, shape: tuple[int, ...]) -> Dataset:
    """A data set with what an object repeats of its source: UIDs and size."""
    source = Dataset()
    source.file_meta = FileMetaDataset()
    source.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    for keyword in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "SOPClassUID"):
        setattr(source, keyword, image[keyword].value)
    source.Rows, source.Columns = shape
    for keyword in EMPTY:
        setattr(source, keyword, "")
    return source


def _placed(source: Dataset, sides_mm: tuple[float, float]) -> Dataset:
    """Add a new frame of reference in which the map has its cells' size and begins at the origin."""
    source.FrameOfReferenceUID, source.PositionReferenceIndicator = hd.UID(), ""
    source.ImagePositionPatient, source.ImageOrientationPatient = [0, 0, 0], [1, 0, 0, 0, 1, 0]
    source.PixelSpacing = [format_number_as_ds(side) for side in sides_mm]
    source.SliceThickness = 1
    return source


def _cell_sides(case: Case, explanation: Explanation) -> tuple[float, float]:
    """Height and width of a cell of the map in mm; of a film of unknown spacing, in pixels."""
    spacing, affine = case.radiograph.spacing_mm or (1.0, 1.0), explanation.to_source
    return abs(affine.yy) * spacing[0], abs(affine.xx) * spacing[1]


def _derivation(case: Case, explanation: Explanation, meaning: str) -> str:
    at = explanation.to_source
    unknown = (
        "" if case.radiograph.spacing_mm else "The pixel spacing of the film is unknown; 1 mm is assumed. "
    )
    return (
        f"{explanation.method} at {explanation.layer} for {explanation.finding}: {meaning}. "
        f"The point (x, y) of the map, with (0, 0) at its corner, is at column {at.xx:.6g} x "
        f"{at.xy:+.6g} y {at.x0:+.6g} and row {at.yx:.6g} x {at.yy:+.6g} y {at.y0:+.6g} of the film. "
        f"Model {case.prediction.model_id}, weights sha256 {explanation.weights_sha256}, "
        f"pixels sha256 {case.radiograph.sha256}. {unknown}{marked(case)}"
    )[:1024]
