"""DICOM files that no reader can make a film of."""

from __future__ import annotations

import numpy as np
from pydicom import Dataset, uid
from pydicom.sequence import Sequence

from tests.corpus import colors, dicom, film, ramp, raster
from tests.corpus.bad_files import bad_file


@bad_file("film.dcm", "pixel data is missing or cut short")
def cut_dicom() -> bytes:
    return dicom(ramp())[:-60]


@bad_file("film.dcm", "pixel data is missing or cut short")
def dicom_cut_within_a_codestream() -> bytes:
    return dicom(film(), uid.JPEGBaseline8Bit, raster(film(), "JPEG"))[:-200]


@bad_file("film.dcm", "pixel data is missing or cut short")
def dicom_cut_before_its_pixels() -> bytes:
    return dicom(ramp())[:-6200]


@bad_file("strip.dcm", "only 31 x 400 pixels")
def too_narrow() -> bytes:
    return dicom(ramp(400, 31))


@bad_file("blank.dcm", "same brightness everywhere")
def constant_dicom() -> bytes:
    return dicom(np.full((64, 64), 1300, np.uint16), WindowCenter=1300, WindowWidth=50)


@bad_file("bomb.dcm", "more than 100 megapixels")
def dicom_bomb() -> bytes:
    return dicom(ramp(), Rows=60_000, Columns=60_000)


@bad_file("report.dcm", "without pixel data (Basic Text SR Storage)")
def structured_report() -> bytes:
    return dicom(SOPClassUID=uid.BasicTextSRStorage)


@bad_file("plan.dcm", "without pixel data (RT Plan Storage)")
def radiotherapy_plan() -> bytes:
    return dicom(SOPClassUID=uid.RTPlanStorage)


@bad_file("ecg.dcm", "without pixel data (12-lead ECG Waveform Storage)")
def waveform() -> bytes:
    return dicom(SOPClassUID=uid.TwelveLeadECGWaveformStorage)


@bad_file("locked.dcm", "is an encrypted DICOM file")
def encrypted_dicom() -> bytes:
    item = Dataset()
    item.EncryptedContentTransferSyntaxUID = uid.ExplicitVRLittleEndian
    item.EncryptedContent = bytes(64)
    return dicom(EncryptedAttributesSequence=Sequence([item]))


@bad_file("cine.dcm", "is a DICOM video (MPEG-4 AVC/H.264 High Profile / Level 4.1)")
def dicom_video() -> bytes:
    return dicom(film(), uid.MPEG4HP41, b"\0\0\1\xb3" + bytes(60))


@bad_file(
    "film.dcm", "compressed as JPEG 2000 Part 2 Multi-component Image Compression, for which no decoder"
)
def dicom_without_a_decoder() -> bytes:
    return dicom(film(), uid.JPEG2000MC, b"\xff\x4f\xff\x51" + bytes(60))


@bad_file("film.dcm", "compressed as a private transfer syntax, for which no decoder")
def dicom_in_a_private_syntax() -> bytes:
    return dicom(film(), "1.2.826.0.1.3680043.9.7777.1", b"\1\2\3\4")


@bad_file("color.dcm", "in a color space that is not supported")
def hsv_dicom() -> bytes:
    return dicom(colors(), PhotometricInterpretation="HSV")
