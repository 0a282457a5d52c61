"""A Case as DICOM: overlay (Secondary Capture), findings (structured report, TID 1500) and map (dicom_map).

UIDs are new and nothing identifies a patient. On request, the files join the study of the film's DICOM file
and reference its image; only the UIDs are read from that file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO

import highdicom as hd
import numpy as np
from highdicom import sr
from numpy.typing import NDArray
from pydicom import Dataset
from pydicom.sr.codedict import codes

from xray import NOTICE, __version__
from xray.io.dicom_codes import SCHEME, finding_code, text
from xray.io.dicom_map import MAKER, parametric_map, segmentation
from xray.io.dicom_source import Source
from xray.io.encode import marked
from xray.types import Case, Detections

OPERATING_POINT = sr.CodedConcept("OPERATING_POINT", SCHEME, "Operating point")
LOW = sr.CodedConcept("INTERVAL_LOW", SCHEME, "Lower bound of the probability interval")
HIGH = sr.CodedConcept("INTERVAL_HIGH", SCHEME, "Upper bound of the probability interval")
PEAK = sr.CodedConcept("MAP_MAXIMUM", SCHEME, "Maximum of the map in logit units")
SCORE = sr.CodedConcept("BOX_SCORE", SCHEME, "Score of the box")
ANSWER = sr.CodedConcept("ANSWER", SCHEME, "What cannot be ruled out")
ANSWERS = {
    answer: sr.CodedConcept(answer.upper().replace(" ", "_"), SCHEME, answer)
    for answer in ("present", "absent", "cannot tell")
}
PERCENT, NUMBER = codes.UCUM.Percent, codes.UCUM.NoUnits


@dataclass(frozen=True, eq=False)
class DicomOut:
    """The DICOM files of a Case.

    Attributes:
        case: The Case.
        finding: Finding whose map is shown.
        overlay: Film with the map, uint8 (H, W, 3).
        found: Boxes to report, if any.
        source: Image of the film, if the files are to join its study.
        area: Pixels of the film where the map is drawn, (H, W), if any.
        meaning: Meaning of the map's values.
    """

    case: Case
    finding: str
    overlay: NDArray[np.uint8]
    found: Detections | None = None
    source: Source | None = None
    area: NDArray[np.bool_] | None = None
    meaning: str = "values of the explanation method"

    @cached_property
    def capture(self) -> Dataset:
        """The overlay as Secondary Capture."""
        film = self.case.radiograph
        image = hd.sc.SCImage(
            np.ascontiguousarray(self.overlay),
            photometric_interpretation="RGB",
            bits_allocated=8,
            coordinate_system="PATIENT",
            patient_orientation=("L", "F"),  # required by highdicom; unknown, so removed below
            study_instance_uid=self.source.study if self.source else hd.UID(),
            series_instance_uid=hd.UID(),
            series_number=901,
            sop_instance_uid=hd.UID(),
            instance_number=1,
            manufacturer=MAKER,
            software_versions=__version__,
            specific_character_set="ISO_IR 192",
            series_description=text(f"Overlay for {self.finding}. Research only"),
        )
        image.PatientOrientation, image.Laterality = [], ""
        image.ManufacturerModelName = text(self.case.prediction.model_id)
        simulated = "Simulated radiograph. " if film.simulated else ""
        image.ImageComments = f"{simulated}{marked(self.case)}{NOTICE}"
        if self.source:
            image.SourceImageSequence = [self.source.reference]
        return image

    @cached_property
    def report(self) -> Dataset:
        """The findings as a structured report."""
        prediction = self.case.prediction
        device = sr.DeviceObserverIdentifyingAttributes(
            uid=hd.UID(), name=MAKER, manufacturer_name=MAKER, model_name=text(prediction.model_id)
        )
        content = sr.MeasurementReport(
            sr.ObservationContext(observer_device_context=sr.ObserverContext(codes.DCM.Device, device)),
            procedure_reported=codes.LN.XRUnspecifiedBodyRegion,
            imaging_measurements=[*self._findings(), *self._peak(), *self._boxes()],
            title=codes.DCM.ImagingMeasurementReport,
        )
        return sr.ComprehensiveSR(
            evidence=[self.capture, *([self.source.dataset] if self.source else [])],
            content=content,
            series_instance_uid=hd.UID(),
            series_number=902,
            sop_instance_uid=hd.UID(),
            instance_number=1,
            manufacturer=MAKER,
            software_versions=__version__,
            specific_character_set="ISO_IR 192",
            series_description=text(f"Findings of {prediction.model_id}. Research only"),
            is_complete=True,
        )

    @property
    def raw_map(self) -> Dataset:
        """The raw map as Parametric Map."""
        return parametric_map(self.case, self.finding, self._image, self.meaning)

    @property
    def segmentation(self) -> Dataset | None:
        """The area where the map is drawn; None if it is drawn nowhere."""
        if self.area is None or not self.area.any():
            return None
        return segmentation(self.case, self.finding, self._image, self.area)

    def files(self) -> dict[str, bytes]:
        """Contents of the files by name."""
        files = {
            "overlay.dcm": self.capture,
            "findings.dcm": self.report,
            "map.dcm": self.raw_map,
            "area.dcm": self.segmentation,
        }
        return {name: _saved(dataset) for name, dataset in files.items() if dataset is not None}

    @property
    def _image(self) -> Dataset:
        """The image that the map belongs to: that of the film, or else the Secondary Capture."""
        return self.source.dataset if self.source else self.capture

    def _findings(self) -> Iterator[sr.MeasurementsAndQualitativeEvaluations]:
        prediction = self.case.prediction
        for number, finding in enumerate(prediction.findings):
            shares = [
                (codes.DCM.CertaintyOfFinding, prediction.probabilities[number]),
                (OPERATING_POINT, prediction.thresholds[number]),
            ]
            if prediction.intervals is not None:
                shares += zip((LOW, HIGH), prediction.intervals[number], strict=True)
            yield sr.MeasurementsAndQualitativeEvaluations(
                sr.TrackingIdentifier(hd.UID(), text(finding)),
                finding_type=self._code(finding),
                algorithm_id=self._algorithm,
                measurements=[sr.Measurement(name, 100 * float(value), PERCENT) for name, value in shares],
                qualitative_evaluations=[
                    sr.QualitativeEvaluation(ANSWER, ANSWERS[prediction.answer(finding)])
                ],
            )

    def _peak(self) -> Iterator[sr.PlanarROIMeasurementsAndQualitativeEvaluations]:
        """Position and value of the maximum of the map, if it has positive evidence."""
        explanation = self.case.explanation(self.finding)
        if explanation.has_positive_evidence:
            value = sr.Measurement(PEAK, explanation.raw_max, NUMBER)
            name = f"{self.finding}: maximum of the map"
            yield self._region("POINT", [explanation.peak], self.finding, name, value)

    def _boxes(self) -> Iterator[sr.PlanarROIMeasurementsAndQualitativeEvaluations]:
        if self.found is None:
            return
        for number, (corners, score) in enumerate(
            zip(self.found.xyxy.tolist(), self.found.confidence.tolist(), strict=True), 1
        ):
            left, top, right, bottom = corners
            around = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
            finding = self.found.findings[int(self.found.class_id[number - 1])]
            value = sr.Measurement(SCORE, score, NUMBER)
            yield self._region("POLYLINE", around, finding, f"{finding}: box {number}", value)

    def _region(
        self, kind: str, points: list[tuple[float, float]], finding: str, name: str, value: sr.Measurement
    ) -> sr.PlanarROIMeasurementsAndQualitativeEvaluations:
        """A region in pixels of the source image, or of the overlay if there is no source."""
        at = (self.capture.SOPClassUID, self.capture.SOPInstanceUID)
        frames = None
        if self.source:
            at, frames = (
                (self.source.sop_class, self.source.instance),
                [1] if self.source.frames > 1 else None,
            )
        return sr.PlanarROIMeasurementsAndQualitativeEvaluations(
            sr.TrackingIdentifier(hd.UID(), text(name)),
            referenced_region=sr.ImageRegion(kind, np.array(points), sr.SourceImageForRegion(*at, frames)),
            finding_type=self._code(finding),
            algorithm_id=self._algorithm,
            measurements=[value],
        )

    @cached_property
    def _algorithm(self) -> sr.AlgorithmIdentification:
        case = self.case
        explanation = case.explanation(self.finding)
        parameters = [
            f"weights sha256 {case.prediction.weights_sha256}",
            f"pixels sha256 {case.radiograph.sha256}",
            f"map {explanation.method} at {explanation.layer}",
            f"{marked(case)}{NOTICE}",
        ]
        return sr.AlgorithmIdentification(case.prediction.model_id, __version__, parameters)

    def _code(self, finding: str) -> sr.CodedConcept:
        return finding_code(finding, self.case.prediction.findings)


def _saved(dataset: Dataset) -> bytes:
    buffer = BytesIO()
    dataset.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()
