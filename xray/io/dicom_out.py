"""A Case as DICOM: the overlay as Secondary Capture, the findings as a structured report (TID 1500).

UIDs are new and nothing names a patient. Only on request do both join the study of the film's own file and
point at its image: its UIDs are then read from that file, which is not kept.
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
from pydicom import Dataset, dcmread
from pydicom.sr.codedict import codes
from pydicom.uid import UID

from xray import NOTICE, __version__
from xray.errors import InvalidRequest, UnreadableImage
from xray.io.decode import DAMAGE, read_radiograph
from xray.io.encode import marked
from xray.types import Case, Detections, Radiograph

MAKER, SCHEME = "xray", "99XRAY"  # a private coding scheme, as PS3.16 8.2 has it
LONGEST = 64  # bytes of a long string (LO): DICOM counts characters, some readers bytes
OPERATING_POINT = sr.CodedConcept("OPERATING_POINT", SCHEME, "Operating point")
LOW = sr.CodedConcept("INTERVAL_LOW", SCHEME, "Lowest probability when the film is taken again")
HIGH = sr.CodedConcept("INTERVAL_HIGH", SCHEME, "Highest probability when the film is taken again")
PEAK = sr.CodedConcept("MAP_MAXIMUM", SCHEME, "Highest value of the map, in units of the logit")
SCORE = sr.CodedConcept("BOX_SCORE", SCHEME, "Score of the box")
ANSWER = sr.CodedConcept("ANSWER", SCHEME, "What cannot be ruled out")
ANSWERS = {
    answer: sr.CodedConcept(answer.upper().replace(" ", "_"), SCHEME, answer)
    for answer in ("present", "absent", "cannot tell")
}
PERCENT, NUMBER = codes.UCUM.Percent, codes.UCUM.NoUnits


@dataclass(frozen=True)
class Source:
    """The image a film was read from. frames: how many it has; the film is the first."""

    study: str
    series: str
    instance: str
    sop_class: str
    frames: int = 1

    @property
    def dataset(self) -> Dataset:
        """What a document needs to point at the image."""
        told = Dataset()
        told.StudyInstanceUID, told.SeriesInstanceUID = self.study, self.series
        told.SOPInstanceUID, told.SOPClassUID = self.instance, self.sop_class
        return told


def source_of(data: bytes, film: Radiograph) -> Source:
    """The UIDs, and nothing else, of the DICOM file that a film was read from.

    Raises InvalidRequest where the file is another film, no DICOM, or without UIDs.
    """
    try:
        same = read_radiograph(data, film.name).sha256 == film.sha256
    except UnreadableImage:
        same = False
    if not same:
        raise InvalidRequest(
            f"The file given is not the one {film.name} was read from, or the film was changed since.",
            hint="Export without the UIDs of the source, or analyze the film as it is in its file.",
        )
    names = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "SOPClassUID")
    try:
        told = dcmread(BytesIO(data), force=True, specific_tags=[*names, "NumberOfFrames"])
        uids = [str(told.get(name) or "") for name in names]
        frames = int(told.get("NumberOfFrames") or 1)
    except DAMAGE:
        uids, frames = [], 1  # pydicom's own words may quote the header: not even chained to ours
    if not uids or not all(UID(uid).is_valid for uid in uids):
        raise InvalidRequest(
            f"{film.name} has no UIDs of study, series and image.",
            hint="Export without the UIDs of the source.",
        )
    study, series, instance, sop_class = uids
    return Source(study, series, instance, sop_class, frames)


@dataclass(frozen=True, eq=False)
class DicomOut:
    """Both files of one Case, which point at each other.

    overlay: uint8 (H, W, 3), the map of a finding over the film. found: the boxes to report, if any.
    """

    case: Case
    finding: str
    overlay: NDArray[np.uint8]
    found: Detections | None = None
    source: Source | None = None

    @cached_property
    def capture(self) -> Dataset:
        film = self.case.radiograph
        image = hd.sc.SCImage(
            np.ascontiguousarray(self.overlay),
            photometric_interpretation="RGB",
            bits_allocated=8,
            coordinate_system="PATIENT",
            patient_orientation=("L", "F"),  # highdicom asks for one; it is not known, see below
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
            image.SourceImageSequence = [_reference(self.source)]
        return image

    @cached_property
    def report(self) -> Dataset:
        said = self.case.prediction
        device = sr.DeviceObserverIdentifyingAttributes(
            uid=hd.UID(), name=MAKER, manufacturer_name=MAKER, model_name=text(said.model_id)
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
            series_description=text(f"Findings of {said.model_id}. Research only"),
            is_complete=True,
        )

    def files(self) -> tuple[bytes, bytes]:
        """The Secondary Capture and the structured report as DICOM files."""
        return _saved(self.capture), _saved(self.report)

    def _findings(self) -> Iterator[sr.MeasurementsAndQualitativeEvaluations]:
        said = self.case.prediction
        for number, finding in enumerate(said.findings):
            shares = [
                (codes.DCM.CertaintyOfFinding, said.probabilities[number]),
                (OPERATING_POINT, said.thresholds[number]),
                *(
                    zip((LOW, HIGH), said.intervals[number], strict=True)
                    if said.intervals is not None
                    else ()
                ),
            ]
            yield sr.MeasurementsAndQualitativeEvaluations(
                sr.TrackingIdentifier(hd.UID(), text(finding)),
                finding_type=self._code(finding),
                algorithm_id=self._algorithm,
                measurements=[sr.Measurement(name, 100 * float(value), PERCENT) for name, value in shares],
                qualitative_evaluations=[sr.QualitativeEvaluation(ANSWER, ANSWERS[said.answer(finding)])],
            )

    def _peak(self) -> Iterator[sr.PlanarROIMeasurementsAndQualitativeEvaluations]:
        """Where the map that is drawn is highest; nothing of a map without positive evidence."""
        made = self.case.explanation(self.finding)
        if made.has_positive_evidence:
            value = sr.Measurement(PEAK, made.raw_max, NUMBER)
            yield self._region(
                "POINT", [made.peak], self.finding, f"{self.finding}: highest of the map", value
            )

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
        """A region of the film's own image where that is kept, else of the overlay, pixel for pixel."""
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
        told = [f"weights sha256 {case.prediction.weights_sha256}", f"pixels sha256 {case.radiograph.sha256}"]
        made = case.explanation(self.finding)
        told += [f"map {made.method} at {made.layer}", f"{marked(case)}{NOTICE}"]
        return sr.AlgorithmIdentification(case.prediction.model_id, __version__, told)

    def _code(self, finding: str) -> sr.CodedConcept:
        """A finding by its place among the model's: a label may not mean what a vocabulary means by it."""
        place = self.case.prediction.findings.index(finding) + 1
        return sr.CodedConcept(f"FINDING_{place}", SCHEME, text(finding))


def text(words: str) -> str:
    """Words as one DICOM long string of printable characters, cut at its end where it is too long."""
    printable = "".join(one for one in words.replace("\\", "/") if one.isprintable())
    return printable.encode()[:LONGEST].decode(errors="ignore").strip()


def _reference(source: Source) -> Dataset:
    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = source.sop_class, source.instance
    if source.frames > 1:
        item.ReferencedFrameNumber = 1
    return item


def _saved(dataset: Dataset) -> bytes:
    buffer = BytesIO()
    dataset.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()
