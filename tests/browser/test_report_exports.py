"""Exports of the Report page in a real browser: the files contain what the page shows."""

import io
import zipfile

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from pydicom import dcmread
from pypdf import PdfReader

from tests.browser import conftest
from tests.browser.conftest import at_rest, downloaded
from tests.corpus import dicom
from xray.bundle import read_bundle, replay
from xray.imaging.phantom import simulated_samples
from xray.models.registry import entry

PATIENCE = (
    3 * conftest.PATIENCE
)  # a server that has just begun also loads the libraries of every kind of file
STUDY = "1.2.826.0.1.3680043.9.4711.1"


@pytest.fixture
def page(window: Page, address) -> Page:
    """The Report page with a report of a DICOM film."""
    window.set_default_timeout(PATIENCE)
    window.goto(f"{address}/report")
    stored = np.rint(simulated_samples()[0].build().radiograph.pixels * 65535).astype(np.uint16)
    film = dicom(stored, StudyInstanceUID=STUDY, SeriesInstanceUID=f"{STUDY}.2", PatientName="ZZPLANTED")
    file = {"name": "Θώρακας.dcm", "mimeType": "application/dicom", "buffer": film}
    window.locator("input[type=file]").first.set_input_files(file)
    window.get_by_label("Prompt (optional)").fill("Look for fractures of the tibia.")
    window.get_by_role("button", name="Write the report").click()
    expect(window.get_by_role("button", name="PDF", exact=True)).to_be_visible(timeout=PATIENCE)
    return window


@pytest.mark.slow
def test_a_report_arrives_as_pdf_dicom_and_a_bundle_that_replays(page):
    pages = PdfReader(io.BytesIO(downloaded(page, "PDF", exact=True))).pages
    told = " ".join(" ".join(one.extract_text() for one in pages).split())
    assert "Θώρακας.dcm" in told
    assert "Prompt: “Look for fractures of the tibia.”" in told
    assert entry().sha256 in told.replace(" ", "")
    assert replay(read_bundle(downloaded(page, "Bundle", exact=True), "b.zip")).same
    assert studies(downloaded(page, "DICOM", exact=True)) != {STUDY}
    page.get_by_role("button", name="File options").click()
    page.get_by_text("Add the DICOM files to the film's study").click()
    at_rest(page)
    page.keyboard.press("Escape")
    assert studies(downloaded(page, "DICOM", exact=True)) == {STUDY}


def studies(content: bytes) -> set[str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert all(b"ZZPLANTED" not in archive.read(name) for name in archive.namelist())
        return {dcmread(io.BytesIO(archive.read(name))).StudyInstanceUID for name in archive.namelist()}
