"""File formats that a Case can be exported to; each file is made on demand."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from xray.bundle.write import bundle, packed
from xray.explain import method_of
from xray.io.dicom_out import DicomOut
from xray.io.dicom_source import Source, source_of
from xray.io.result_files import short_stem
from xray.report.contents import shown_finding
from xray.report.html import html
from xray.report.markdown import markdown
from xray.report.pdf import pdf
from xray.report.pictures import boxes, drawn_area, overlay_picture
from xray.report.types import Report
from xray.types import Case, Check

ZIP = "application/zip"


@dataclass(frozen=True)
class Offer:
    """A file that a Case can be exported to.

    Attributes:
        kind: Name on the command line.
        label: Label of its button.
        about: Description in one sentence.
        file: File name.
        mime: Media type.
        make: Makes the contents; raises XrayError.
    """

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
    """List the exports of a Case: PDF, HTML, Markdown, bundle and, if there is a map, DICOM.

    Args:
        case: The Case.
        report: Its report.
        checks: Checks of the map that is shown.
        finding: Finding whose map is shown; by default that of the answer.
        source: Contents of the film's DICOM file, if the exported DICOM files are to join its study.
        pixels: Whether the bundle contains the film.

    Returns:
        The exports, in the order of their buttons.

    Raises:
        InvalidRequest: If the finding has no map.
    """
    shown, checks = shown_finding(case, finding), tuple(checks)
    stem = short_stem(case.radiograph.name)

    def offer(kind: str, label: str, about: str, name: str, mime: str, make: Callable[[], bytes]) -> Offer:
        return Offer(kind, label, about, f"{stem}-{name}", mime, make)

    def text(make: Callable[..., str]) -> Callable[[], bytes]:
        return lambda: make(case, report, checks, shown).encode()

    def pages() -> bytes:
        return pdf(case, report, checks, shown)

    def archive() -> bytes:
        return bundle(case, report, pixels=pixels)

    offers = [
        offer("pdf", "PDF", "One or two pages for printing.", "report.pdf", "application/pdf", pages),
        offer("html", "HTML", "One self-contained page.", "report.html", "text/html", text(html)),
        offer("markdown", "Markdown", "Text and tables.", "report.md", "text/markdown", text(markdown)),
        offer(
            "bundle",
            "Bundle",
            "A ZIP file for recomputing the Case.",
            "bundle.zip",
            ZIP,
            archive,
        ),
    ]
    if case.explanations:
        about = (
            "A ZIP file with the overlay (Secondary Capture), the findings (structured report), the raw map "
            "(Parametric Map) and the area where it is drawn (Segmentation)."
        )
        zipped = partial(dicom_zip, case, shown, source)
        offers.append(offer("dicom", "DICOM", about, "dicom.zip", ZIP, zipped))
    return tuple(offers)


def dicom_zip(case: Case, finding: str, source: bytes | None = None) -> bytes:
    """Pack the files of dicom_files as ZIP."""
    return packed(dicom_files(case, finding, source))


def dicom_files(case: Case, finding: str, source: bytes | None = None) -> dict[str, bytes]:
    """Make the overlay, the structured report and the map of a Case as DICOM.

    Args:
        case: The Case.
        finding: Finding whose map is shown.
        source: Contents of the film's DICOM file, if the files are to join its study.

    Returns:
        Contents by file name.

    Raises:
        InvalidRequest: If the source is not the file of the film.
    """
    kept = source_of(source, case.radiograph) if source else None
    return dicom_objects(case, finding, kept).files()


def dicom_objects(case: Case, finding: str, source: Source | None = None) -> DicomOut:
    """The overlay, the findings and the map of a Case as DICOM, for the study of a source if there is one."""
    return DicomOut(
        case,
        finding,
        overlay_picture(case, finding),
        boxes(case),
        source,
        drawn_area(case, finding),
        method_of(case.explanation(finding)).values,
    )
