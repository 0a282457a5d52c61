"""What a header says of a person stays at the door: in no field, sentence, warning or log."""

import logging
import warnings
from collections.abc import Callable
from dataclasses import fields
from typing import Any

import imagecodecs
import numpy as np
import pytest
from PIL.PngImagePlugin import PngInfo
from pydicom import Dataset, uid
from pydicom.sequence import Sequence

from tests.corpus import colors, dataset_of, dicom, film, raster, saved, tiff
from tests.corpus.good_files import DEEP, GOOD_FILES
from xray.errors import UnreadableImage
from xray.io import read_radiograph
from xray.types import Radiograph

NAME, NUMBER, UID = "ZZPLANTED", "470814711", "1.2.826.0.1.3680043.9.470814711"


def outcome(data: bytes) -> Radiograph | UnreadableImage:
    try:
        return read_radiograph(data, "film.bin")
    except UnreadableImage as refusal:
        return refusal


def planted_header() -> dict[str, Any]:
    item = Dataset()
    item.PatientID, item.ReferencedSOPInstanceUID = NUMBER, UID
    table = Dataset()
    table.LUTDescriptor, table.LUTExplanation = [2, 100, 8], NAME
    table.add_new("LUTData", "US", [0, 255])
    return {
        "SpecificCharacterSet": "ISO_IR 192",
        "PatientName": f"{NAME}^JANE",
        "PatientID": NUMBER,
        "PatientBirthDate": "19410814",
        "AccessionNumber": NUMBER,
        "InstitutionName": NAME,
        "StudyDescription": NAME,
        "ImageComments": f"{NAME} {NUMBER}",
        "ViewPosition": f"{NAME}^Jane, born 1941",
        "StudyInstanceUID": UID,
        "SOPInstanceUID": UID,
        "WindowCenterWidthExplanation": NAME,
        "WindowCenter": 30000,
        "WindowWidth": 50000,
        "ReferencedImageSequence": Sequence([item]),
        "VOILUTSequence": Sequence([table]),
    }


def with_wrong_type(keyword: str) -> bytes:
    dataset = dataset_of(DEEP, **planted_header())
    del dataset[keyword]
    dataset.add_new(keyword, "LO", NAME)
    return saved(dataset)


PLANTED: dict[str, Callable[[], bytes]] = {
    "read": lambda: dicom(DEEP, **planted_header()),
    "compressed": lambda: dicom(
        DEEP, uid.JPEGLSLossless, imagecodecs.jpegls_encode(DEEP), **planted_header()
    ),
    "cut in the pixels": lambda: dicom(DEEP, **planted_header())[:-50],
    "cut in the header": lambda: dicom(DEEP, **planted_header())[:700],
    "cut in a codestream": lambda: dicom(
        DEEP, uid.JPEGLSLossless, imagecodecs.jpegls_encode(DEEP)[:-9], **planted_header()
    ),
    "broken codestream": lambda: dicom(
        DEEP,
        uid.JPEG2000,
        imagecodecs.jpeg2k_encode(DEEP, codecformat="j2k")[:200] + b"\xff\xd9",
        **planted_header(),
    ),
    "no pixel data": lambda: dicom(**planted_header()),
    "unknown class": lambda: dicom(**{**planted_header(), "SOPClassUID": UID}),
    "unknown syntax": lambda: dicom(DEEP, UID, b"\1\2\3\4", **planted_header()),
    "video": lambda: dicom(DEEP, uid.MPEG4HP41, b"\1\2\3\4", **planted_header()),
    "unknown color": lambda: dicom(colors(), **{**planted_header(), "PhotometricInterpretation": NAME}),
    "one brightness": lambda: dicom(np.zeros_like(DEEP), **planted_header()),
    "too small": lambda: dicom(DEEP[:8], **planted_header()),
    "too large": lambda: dicom(DEEP, **{**planted_header(), "Rows": 60000, "Columns": 60000}),
    "unknown characters": lambda: dicom(DEEP, **planted_header()).replace(b"ISO_IR 192", b"ZZPLANTED "),
    "wrong type of rows": lambda: with_wrong_type("Rows"),
    "wrong type of bits": lambda: with_wrong_type("BitsStored"),
    "wrong type of window": lambda: with_wrong_type("WindowCenter"),
    "wrong type of table": lambda: with_wrong_type("VOILUTSequence"),
    "PNG text": lambda: raster(film(), "PNG", pnginfo=_text_chunks()),
    "TIFF description": lambda: tiff(film(), description=f"{NAME} {NUMBER} {UID}"),
    "cut TIFF": lambda: tiff(film(), description=f"{NAME} {NUMBER} {UID}")[:-50],
    "JPEG comment": lambda: raster(film(), "JPEG", comment=f"{NAME} {NUMBER}".encode()),
}


def _text_chunks() -> PngInfo:
    chunks = PngInfo()
    chunks.add_text("Patient", f"{NAME} {NUMBER} {UID}")
    return chunks


@pytest.mark.parametrize("kind", PLANTED)
@pytest.mark.filterwarnings("ignore")
def test_no_identifier_of_a_header_leaves_the_door(kind: str) -> None:
    data = PLANTED[kind]()
    assert NAME.encode() in data
    result = outcome(data)
    if isinstance(result, Radiograph):
        said = repr([getattr(result, field.name) for field in fields(result)])
    else:
        said = repr((result.args, result.message, result.hint, result.__cause__, result.__context__))
    for secret in (NAME, NUMBER, "19410814", "JANE", "Jane"):
        assert secret not in said


def test_of_a_dicom_header_only_what_a_radiograph_needs_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Dataset] = []
    monkeypatch.setattr("xray.io.dicom_header._require_pixel_data", lambda dataset, _: read.append(dataset))
    read_radiograph(dicom(DEEP, PatientName=NAME, PatientID=NUMBER, StudyDescription=NAME), "film.dcm")
    assert "Rows" in read[0]
    assert not any(keyword in read[0] for keyword in ("PatientName", "PatientID", "StudyDescription"))


@pytest.mark.parametrize("kind", PLANTED)
def test_the_libraries_neither_warn_nor_log_nor_print(
    kind: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        data = PLANTED[kind]()
    caplog.set_level(logging.DEBUG)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        outcome(data)
    assert (warned, caplog.text, *capfd.readouterr()) == ([], "", "", "")


def test_the_warnings_of_others_are_left_alone() -> None:
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        for _ in range(3):
            outcome(GOOD_FILES["explicit DICOM"])
        before = len(warnings.filters)
        outcome(GOOD_FILES["explicit DICOM"])
        assert len(warnings.filters) == before
        warnings.warn("of another module", stacklevel=1)
    assert [str(one.message) for one in warned] == ["of another module"]
