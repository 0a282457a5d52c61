"""Analyze the films of a cohort into rows; all engines use the same predictor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from xray.cohort.row import Row
from xray.cohort.source import Content
from xray.errors import RefusedArchive, RefusedRadiograph, UnreadableImage, XrayError
from xray.evidence import checks_of, verdict_of
from xray.evidence.verdict import COUNTED
from xray.imaging.transforms import downsample
from xray.io import read_radiograph
from xray.io.dicom_attributes import read_attributes
from xray.io.encode import png
from xray.models.detector import chosen
from xray.models.embedding import embedding
from xray.models.ensemble import model_of
from xray.pipeline import Request, analyze
from xray.render.overlay import Drawing, draw
from xray.types import REGIONS, Case, GateResult, Pixels, Radiograph

THUMBNAIL_SIDE = 112
OF_ONE_FILM = (UnreadableImage, RefusedArchive)  # errors that concern one film only
# errors inside a network or a decoder
UNEXPECTED = (ArithmeticError, LookupError, MemoryError, RuntimeError, ValueError)


@dataclass(frozen=True)
class Predictor:
    """Maps a batch of (name, content) to rows, in order. Films that cannot be analyzed get a row, too.

    It is small and can be sent to other processes.

    Attributes:
        request: Request for pipeline.analyze.
        overlay: Whether rows contain the overlay of the request's finding, by default that of the answer.
        thumbnails: Whether rows contain a thumbnail.
        evidence: Whether rows contain the verdict on the map of this finding, which takes seconds per film.
        embeddings: Whether rows contain the model's embedding of the film, one more forward pass.
        attributes: DICOM attributes that rows contain, of io.dicom_attributes.ATTRIBUTES.

    Raises:
        XrayError: ModelUnavailable or InvalidRequest, which apply to every film.
    """

    request: Request
    overlay: bool = False
    thumbnails: bool = True
    evidence: bool = False
    attributes: tuple[str, ...] = ()
    embeddings: bool = False

    def __call__(self, batch: Sequence[tuple[str, Content]]) -> list[Row]:
        """Analyze the films of a batch."""
        return [self._row(name, content) for name, content in batch]

    def _row(self, name: str, content: Content) -> Row:
        try:
            film = content if isinstance(content, Radiograph) else read_radiograph(content, name)
        except OF_ONE_FILM as error:
            return failed(name, error)
        known = Row(
            file=name,
            state="refused",
            notes=" ".join(film.notes),
            pixels_sha256=film.sha256,
            height=film.pixels.shape[0],
            width=film.pixels.shape[1],
            simulated=film.simulated,
            thumbnail=_thumbnail(film) if self.thumbnails else b"",
            attributes=read_attributes(content, self.attributes) if isinstance(content, bytes) else {},
        )
        try:
            return self._answered(known, analyze(film, self.request))
        except RefusedRadiograph as error:
            return replace(known, sentence=str(error), gate=GateResult.of(error))
        except UNEXPECTED:
            return replace(known, state="not read", sentence=f"The model failed on {film.name}.")

    def _answered(self, known: Row, case: Case) -> Row:
        prediction, maps = case.prediction, case.explanations
        found = case.detections
        finding = self.request.finding or case.answer.finding
        explanation = case.explanation(finding) if self.evidence and maps else None
        done = tuple(checks_of(case, explanation, names=COUNTED)) if explanation else ()
        return replace(
            known,
            state="answered",
            sentence="" if case.gate.accepted else f"Analyzed although refused: {case.gate.reason}",
            gate=case.gate,
            prediction=prediction,
            organ=case.organ,
            boxes=None if found is None else len(chosen(found, found.threshold)),
            overlay=png(draw(case, finding, Drawing()), case, finding) if self.overlay and maps else b"",
            method=maps[0].method if maps else "",
            layer=maps[0].layer if maps else "",
            raw_maps=np.stack([explanation.raw_map for explanation in maps]) if maps else None,
            to_source=maps[0].to_source if maps else None,
            zone_shares=(shares := _zone_shares(case)),
            embedding=embedding(model_of(prediction), case.radiograph) if self.embeddings else None,
            zones_of="" if shares is None else finding,
            map_finding=finding if explanation else "",
            map_checks=tuple(replace(check, maps={}) for check in done),
            map_verdict=verdict_of(explanation, done) if explanation else None,
        )


def _zone_shares(case: Case) -> Pixels | None:
    """Shares (K, R) of the maps of all findings by REGIONS, or None if the lungs are undetermined."""
    if case.lungs is None or not case.lungs.determined or not case.explanations:
        return None
    shares = [case.lungs.region_shares(explanation) for explanation in case.explanations]
    return np.array([[found.get(name, np.nan) for name in REGIONS] for found in shares], np.float32)


def failed(name: str, error: XrayError) -> Row:
    """The row of a file that cannot be read."""
    return Row(file=name, state="not read", sentence=str(error))


def _thumbnail(film: Radiograph) -> bytes:
    small = np.rint(downsample(film.pixels, THUMBNAIL_SIDE).pixels * 255).astype(np.uint8)
    return cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, 80])[1].tobytes()
