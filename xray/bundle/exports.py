"""Everything a Case can be taken along as, each made when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import PurePath

from xray.bundle.write import bundle, packed
from xray.io.dicom_out import DicomOut, source_of
from xray.report.contents import boxes, overlay_picture, shown_finding
from xray.report.draft import Report
from xray.report.html import html
from xray.report.markdown import markdown
from xray.report.pdf import pdf
from xray.types import Case, Check

ZIP = "application/zip"


@dataclass(frozen=True)
class Offer:
    """kind: its name in the terminal. make: the file; raises XrayError."""

    kind: str
    label: str
    file: str
    mime: str
    make: Callable[[], bytes]


def offered(
    case: Case,
    report: Report,
    checks: Iterable[Check] = (),
    finding: str | None = None,
    *,
    source: bytes | None = None,
    pixels: bool = True,
) -> tuple[Offer, ...]:
    """PDF, HTML, Markdown, the bundle and, where there is a map, both DICOM files.

    checks: of the map of the finding drawn, by default the most likely. source: the bytes of the film's own
    DICOM file, only where the user asks to keep its UIDs. pixels: whether the bundle holds the film. Raises
    InvalidRequest for a finding without a map.
    """
    shown, checks = shown_finding(case, finding), tuple(checks)
    stem = PurePath(case.radiograph.name).stem

    def offer(kind: str, label: str, name: str, mime: str, make: Callable[[], bytes]) -> Offer:
        return Offer(kind, label, f"{stem}-{name}", mime, make)

    def paper(make: Callable[..., str]) -> Callable[[], bytes]:
        return lambda: make(case, report, checks, shown).encode()

    offers = [
        offer(
            "pdf", "Report (PDF)", "report.pdf", "application/pdf", lambda: pdf(case, report, checks, shown)
        ),
        offer("html", "Report (HTML)", "report.html", "text/html", paper(html)),
        offer("markdown", "Report (Markdown)", "report.md", "text/markdown", paper(markdown)),
        offer("bundle", "Bundle to replay", "bundle.zip", ZIP, lambda: bundle(case, report, pixels=pixels)),
    ]
    if case.explanations:
        zipped = partial(_zipped, case, shown, source)
        offers.append(offer("dicom", "DICOM overlay and report", "dicom.zip", ZIP, zipped))
    return tuple(offers)


def _zipped(case: Case, finding: str, source: bytes | None) -> bytes:
    return packed(dicom_files(case, finding, source))


def dicom_files(case: Case, finding: str, source: bytes | None = None) -> dict[str, bytes]:
    """The overlay and the structured report of a Case, which point at each other, by file name. Raises
    InvalidRequest where a source is given that is not the film's.
    """
    kept = source_of(source, case.radiograph) if source else None
    files = DicomOut(case, finding, overlay_picture(case, finding), boxes(case), kept).files()
    return dict(zip(("overlay.dcm", "findings.dcm"), files, strict=True))
