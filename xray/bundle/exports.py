"""Everything a Case can be taken along as, each made when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import PurePath

from xray.bundle.write import bundle, packed
from xray.io.dicom_out import DicomOut, source_of
from xray.report.contents import shown_finding
from xray.report.html import html
from xray.report.markdown import markdown
from xray.report.pdf import pdf
from xray.report.pictures import boxes, overlay_picture
from xray.report.types import Report
from xray.types import Case, Check

ZIP = "application/zip"


@dataclass(frozen=True)
class Offer:
    """kind: its name in the terminal. about: what it is, in a sentence. make: the file; raises XrayError."""

    kind: str
    label: str
    about: str
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

    def offer(kind: str, label: str, about: str, name: str, mime: str, make: Callable[[], bytes]) -> Offer:
        return Offer(kind, label, about, f"{stem}-{name}", mime, make)

    def paper(make: Callable[..., str]) -> Callable[[], bytes]:
        return lambda: make(case, report, checks, shown).encode()

    def set_in_pages() -> bytes:
        return pdf(case, report, checks, shown)

    def replayable() -> bytes:
        return bundle(case, report, pixels=pixels)

    offers = [
        offer("pdf", "PDF", "One to two pages to print.", "report.pdf", "application/pdf", set_in_pages),
        offer("html", "HTML", "One page that needs nothing else.", "report.html", "text/html", paper(html)),
        offer("markdown", "Markdown", "Text and tables.", "report.md", "text/markdown", paper(markdown)),
        offer("bundle", "Bundle", "A ZIP file that can be computed again.", "bundle.zip", ZIP, replayable),
    ]
    if case.explanations:
        about = "Overlay as Secondary Capture and findings as a structured report, in a ZIP file."
        zipped = partial(_zipped, case, shown, source)
        offers.append(offer("dicom", "DICOM", about, "dicom.zip", ZIP, zipped))
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
