"""The first frame of a DICOM file as stored samples, decoded by what the pixel data is."""

from __future__ import annotations

import struct

import numpy as np
from pydicom import Dataset, uid
from pydicom.pixels import pixel_array

from xray.errors import UnreadableImage
from xray.io import codestream
from xray.io.dicom_header import PIXEL_DATA, cut_short, integer, text
from xray.io.dicom_module import complete, frame_length, is_uncompressed, use_codestream, use_rle
from xray.io.dicom_rle import decode_rle, is_rle, segments_of
from xray.io.jpeg import END_OF_IMAGE, START_OF_IMAGE, with_height
from xray.io.scaling import Samples

ITEM = b"\xfe\xff\x00\xe0"  # PS3.5 A.4
UNDEFINED_LENGTH = 0xFFFFFFFF
NATIVE, RLE = "uncompressed", "RLE"
ENCAPSULATED_UNCOMPRESSED = uid.UID("1.2.840.10008.1.2.1.98")
GE_BIG_ENDIAN = uid.UID("1.2.840.113619.5.2")  # private: little-endian header, big-endian pixel data
SYNTAXES: dict[str, set[uid.UID]] = {
    NATIVE: {
        uid.ImplicitVRLittleEndian,
        uid.ExplicitVRLittleEndian,
        uid.ExplicitVRBigEndian,
        uid.DeflatedExplicitVRLittleEndian,
        ENCAPSULATED_UNCOMPRESSED,
        GE_BIG_ENDIAN,
    },
    RLE: {uid.RLELossless},
    "JPEG": set(uid.JPEGTransferSyntaxes),
    "JPEG-LS": set(uid.JPEGLSTransferSyntaxes),
    "JPEG 2000": set(uid.JPEG2000TransferSyntaxes).difference((uid.JPEG2000MCLossless, uid.JPEG2000MC)),
}
NEWER = {  # PS3.6 2024d; pydicom does not know them
    "1.2.840.10008.1.2.4.110": "JPEG XL Lossless",
    "1.2.840.10008.1.2.4.111": "JPEG XL JPEG Recompression",
    "1.2.840.10008.1.2.4.112": "JPEG XL",
}
KNOWN = {syntax for syntaxes in SYNTAXES.values() for syntax in syntaxes}


def first_frame(dataset: Dataset, name: str, notes: list[str]) -> Samples:
    """Decode the first frame, and set the elements of the image pixel module to what it holds.

    Args:
        dataset: Header and pixel data. Missing and wrong elements are replaced.
        name: Name of the file, for messages.
        notes: Receives a note on each difference between header and pixel data.

    Returns:
        Samples (H, W), with unused bits, or RGB (H, W, 3).

    Raises:
        UnreadableImage: If there is no decoder, or the header does not describe the pixel data.
    """
    try:
        return _first_frame(dataset, name, notes)
    except (EOFError, struct.error):
        pass
    raise cut_short(name)


def _first_frame(dataset: Dataset, name: str, notes: list[str]) -> Samples:
    keyword = next(keyword for keyword in PIXEL_DATA if keyword in dataset)
    data = dataset[keyword].value
    frames = _encapsulated_frames(data) if keyword == "PixelData" else []
    frame = b"".join(frames[0]) if frames else data
    kind = _kind(frame, bool(frames), name)
    if kind != NATIVE:
        dataset[keyword].value = data = b""  # frees memory: the frame is a copy
    _require_decoder(dataset, kind, data if not frames else None, name)
    _note_syntax(dataset.file_meta.TransferSyntaxUID, kind, notes)
    photometric = text(dataset, "PhotometricInterpretation")
    if kind == NATIVE:
        complete(dataset, len(data), name, notes)
    elif kind == RLE:
        use_rle(dataset, segments_of(frame), name, notes)
    else:
        frame = with_height(frame, name) if frame.startswith(START_OF_IMAGE) else frame
        header = codestream.header_of(frame, name)
        use_codestream(dataset, header, name, notes)
    is_signed = bool(dataset.get("PixelRepresentation"))
    _note_frames(dataset, len(frames) or len(frame) // frame_length(dataset), notes)
    if kind == NATIVE:
        return _decode_native(dataset, keyword, frame)
    if kind == RLE:
        size = dataset.Rows, dataset.Columns, dataset.SamplesPerPixel
        return _luminance_of_ybr(dataset, decode_rle(frame, *size, is_signed))
    return codestream.decode(frame, header, photometric, is_signed, notes)


def _encapsulated_frames(data: bytes) -> list[list[bytes]]:
    """Fragments of each frame of encapsulated pixel data, without its offset table; none for other data."""
    items, at = [], 0
    while data[at : at + 4] == ITEM:
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        if length == UNDEFINED_LENGTH:
            length = max(data.find(b"\xfe\xff", at + 8) - at - 8, 0) or len(data)
        items.append(data[at + 8 : at + 8 + length])
        at += 8 + length
    if len(items) > 1 and not _starts_frame(items[0]):
        del items[0]  # the offset table
    frames: list[list[bytes]] = []
    for item in items:
        if not frames or _starts_frame(item):
            frames.append([])
        frames[-1].append(item)
    return frames


def _starts_frame(fragment: bytes) -> bool:
    return fragment.startswith(codestream.SIGNATURES) or is_rle(fragment)


def _kind(frame: bytes, encapsulated: bool, name: str) -> str:
    """What a frame is, by its first bytes."""
    if frame.startswith(codestream.SIGNATURES) and (encapsulated or END_OF_IMAGE in frame[-64:]):
        return codestream.header_of(frame, name).kind
    return RLE if encapsulated and is_rle(frame) else NATIVE


def _require_decoder(dataset: Dataset, kind: str, native: bytes | None, name: str) -> None:
    """Refuse what no decoder is known for.

    Args:
        dataset: The header.
        kind: What the frame is by its first bytes.
        native: Pixel data that is not encapsulated.
        name: Name of the file, for messages.
    """
    syntax = dataset.file_meta.TransferSyntaxUID
    if syntax in uid.MPEGTransferSyntaxes:
        raise UnreadableImage(
            f"{name} is a DICOM video ({_called(syntax)}).",
            hint="Export one of its frames as a still image, and upload that.",
        )
    if syntax in KNOWN:
        if kind == NATIVE and native is None and syntax not in SYNTAXES[NATIVE]:
            raise ValueError("fragments without a codestream")
        return
    is_decodable = kind != NATIVE and syntax not in uid.UID_dictionary
    if not is_decodable and (native is None or not is_uncompressed(dataset, len(native))):
        raise UnreadableImage(
            f"{name} is compressed as {_called(syntax)}, for which no decoder is installed.",
            hint="Export it uncompressed or as JPEG 2000, or upload a PNG.",
        )


def _called(syntax: uid.UID) -> str:
    if syntax in uid.UID_dictionary:
        return uid.UID_dictionary[syntax][0]
    if syntax in NEWER:
        return NEWER[syntax]
    return f"{'a private' if syntax.is_private else 'an unknown'} transfer syntax"


def _note_syntax(syntax: uid.UID, kind: str, notes: list[str]) -> None:
    if syntax not in SYNTAXES[kind]:
        notes.append(
            f"The transfer syntax in the header is wrong: {_called(syntax)}, but the pixel data is {kind}."
        )


def _note_frames(dataset: Dataset, present: int, notes: list[str]) -> None:
    declared = integer(dataset, "NumberOfFrames") or 1
    if max(declared, present) > 1:
        notes.append(f"First of {max(declared, present)} frames.")
    if declared > max(present, 1):
        notes.append(f"NumberOfFrames in the header is wrong: {declared}, but the file holds {present}.")


def _decode_native(dataset: Dataset, keyword: str, frame: bytes) -> Samples:
    """Decode by pydicom."""
    if dataset.file_meta.TransferSyntaxUID == GE_BIG_ENDIAN:
        dataset.file_meta.TransferSyntaxUID = uid.ExplicitVRBigEndian
    elif dataset.file_meta.TransferSyntaxUID not in SYNTAXES[NATIVE] - {ENCAPSULATED_UNCOMPRESSED}:
        dataset.file_meta.TransferSyntaxUID = uid.ExplicitVRLittleEndian
    length = frame_length(dataset)
    dataset[keyword].value = frame[: length + length % 2]
    dataset.NumberOfFrames = 1
    is_ybr = dataset.PhotometricInterpretation.startswith("YBR_FULL")
    options = {"index": 0, "correct_unused_bits": False, "raw": is_ybr, "view_only": True}
    return _luminance_of_ybr(dataset, pixel_array(dataset, **options))


def _luminance_of_ybr(dataset: Dataset, samples: Samples) -> Samples:
    """Of YBR_FULL only Y is kept, which is the luminance (PS3.3 C.7.6.3.1.2)."""
    is_ybr = dataset.PhotometricInterpretation.startswith("YBR_FULL")
    return np.broadcast_to(samples[..., :1], samples.shape) if is_ybr else samples
