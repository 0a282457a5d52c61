"""Sources of films: folders, uploads and archives; unsafe archives are refused."""

import io
import stat
import zipfile
import zlib
from types import SimpleNamespace

import numpy as np
import pytest
from typer.testing import CliRunner

from tests.corpus import film, raster
from xray.access import TERMINAL
from xray.cli import app
from xray.cohort.location import located
from xray.cohort.source import films_of, folder
from xray.errors import RefusedArchive, UnreadableImage, UnusableData
from xray.io import archive
from xray.io.encode import picture_png
from xray.io.folders import is_film_file
from xray.types import GateResult

PNG = raster(film(), "PNG")


def packed(*given: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as written:
        for name, data in given:
            written.writestr(name, data, compress_type=method)
    return buffer.getvalue()


def opened(data: bytes, name: str = "films.zip"):
    return films_of([(name, io.BytesIO(data))])


def test_an_archive_gives_its_films_and_their_labels_and_leaves_the_rest():
    data = packed(
        ("set/a.png", PNG),
        ("set/b/c.dcm", b"anything"),
        ("set/labels.csv", b"path,labels\na.png,Normal\n"),
        ("set/readme.txt", b"words"),
        ("__MACOSX/set/._a.png", b"fork"),
        (".DS_Store", b"junk"),
        ("set/empty/", b""),
    )
    films, lists = opened(data)
    assert {one.name: one.content() for one in films} == {"set/a.png": PNG, "set/b/c.dcm": b"anything"}
    assert lists == [("set/labels.csv", b"path,labels\na.png,Normal\n")]


def test_uploads_keep_their_order_and_bytes():
    given = [("b.png", PNG), ("list.CSV", b"file,label\n"), ("a.png", b"")]
    films, lists = films_of((name, io.BytesIO(data)) for name, data in given)
    assert [(one.name, one.content()) for one in films] == [("b.png", PNG), ("a.png", b"")]
    assert lists == [("list.CSV", b"file,label\n")]


@pytest.mark.parametrize(
    "name",
    ["../a.png", "a/../../b.png", "/etc/a.png", "C:\\a.png", "a\\..\\..\\b.png", "\\\\host\\share\\a.png"],
)
def test_an_archive_that_reaches_outside_itself_is_refused(name):
    with pytest.raises(RefusedArchive, match="names a file outside itself"):
        opened(packed(("good.png", PNG), (name, PNG)))


def test_an_archive_with_a_link_is_refused():
    link = zipfile.ZipInfo("a.png")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with pytest.raises(RefusedArchive, match="contains a link"):
        opened(packed((link, b"/etc/passwd")))


@pytest.mark.parametrize("place", ["alone", "among films"])
def test_a_bomb_is_refused_before_it_is_unpacked(place):
    noise = bytes(zlib.crc32(bytes([one % 256, one // 256])) % 256 for one in range(2**16)) * 4
    films = [(f"{one}.png", noise) for one in range(4)] if place == "among films" else []
    data = packed(*films, ("zeros.png", bytes(40 * 2**20)))
    assert len(data) < 2 * 2**20
    with pytest.raises(RefusedArchive, match=r"would grow from .* to 4[01] MiB"):
        opened(data)


def test_an_archive_of_too_many_files_is_refused(monkeypatch):
    monkeypatch.setattr(archive, "MOST_ENTRIES", 3)
    with pytest.raises(RefusedArchive, match="contains 4 files"):
        opened(packed(*((f"{one}.png", PNG) for one in range(4))))


def test_an_entry_is_read_no_further_than_its_declared_size():
    data = bytearray(packed(("a.png", bytes(range(256)) * 64)))
    central = data.rindex(b"PK\x01\x02")
    for place in (22, central + 24):  # both places that tell the size
        data[place : place + 4] = (100).to_bytes(4, "little")
    ((one,), _) = opened(bytes(data))
    with pytest.raises(UnreadableImage, match="cannot be read from its archive"):
        one.content()


def test_damaged_and_encrypted_entries_have_different_messages():
    data = bytearray(packed(("a.png", PNG), ("b.png", PNG), method=zipfile.ZIP_STORED))
    data[data.index(PNG) + 20] ^= 0xFF
    (first, second), _ = opened(bytes(data))
    with pytest.raises(UnreadableImage, match=r"a\.png cannot be read from its archive"):
        first.content()
    assert second.content() == PNG
    central = data.index(b"PK\x01\x02")
    data[central + 8] |= 1
    (first, _), _ = opened(bytes(data))
    with pytest.raises(UnreadableImage, match=r"a\.png is encrypted"):
        first.content()


def test_an_archive_cut_short_is_refused():
    with pytest.raises(RefusedArchive, match="cut short or damaged"):
        opened(packed(("a.png", PNG))[:-30])


def test_an_archive_within_an_archive_is_no_film():
    ((one,), _) = opened(packed(("inner.zip", packed(("a.png", PNG)))))
    assert one.content().startswith(b"PK"), "it is read as a film, and refused as none"


def test_a_folder_is_read_with_its_subfolders_and_not_through_linked_ones(tmp_path):
    place, elsewhere = tmp_path / "films", tmp_path / "elsewhere"
    for path in (place / "b" / "2.png", place / "1.png", place / ".hidden.png", elsewhere / "3.png"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(PNG)
    (place / "labels.csv").write_text("path,labels\n")
    (place / "link").symlink_to(elsewhere)
    assert [one.name for one in folder(place, TERMINAL)] == ["1.png", "b/2.png"]
    assert folder(place, TERMINAL)[0].content() == PNG
    with pytest.raises(UnusableData, match="There is no folder"):
        folder(tmp_path / "nowhere", TERMINAL)
    (tmp_path / "empty").mkdir()
    with pytest.raises(UnusableData, match="contains no files"):
        folder(tmp_path / "empty", TERMINAL)


@pytest.mark.parametrize(
    "given", [(), (("films/", b""), ("films/deep/", b""))], ids=["empty", "folders only"]
)
def test_an_archive_without_files_is_refused(given):
    with pytest.raises(RefusedArchive, match=r"films.zip contains no files\."):
        opened(packed(*given))


def test_an_entry_packed_with_deflate64_is_named_and_the_others_are_read():
    data = bytearray(packed(("a.png", PNG), ("b.png", PNG)))
    for signature, at in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):  # APPNOTE 4.3.7 and 4.3.12
        data[data.index(signature) + at] = 9
    films, _ = opened(bytes(data))
    with pytest.raises(UnreadableImage, match=r"^a\.png is packed with Deflate64, which is not supported\."):
        films[0].content()
    assert films[1].content() == PNG


def test_results_in_the_folder_of_the_films_are_left_aside(tmp_path, film):
    (tmp_path / "overlays").mkdir()
    (tmp_path / "hand.png").write_bytes(PNG)
    case = SimpleNamespace(radiograph=film, gate=GateResult(True, "", "", "accepted"))
    drawn = picture_png(np.zeros((64, 64, 3), np.uint8), "Heatmap", case)
    for name in ("hand-overlay.png", "overlays/00001-hand.png"):
        (tmp_path / name).write_bytes(drawn)
    for name in ("results.csv", "results.parquet", "hand.json", "hand-report.pdf", "hand-bundle.zip"):
        (tmp_path / name).write_bytes(b"result")
    assert [found.name for found in folder(tmp_path, TERMINAL)] == ["hand.png"]
    assert [found.name for found in located(f"file://{tmp_path}")[0]] == ["hand.png"]
    zipped = packed(*((path.name, path.read_bytes()) for path in tmp_path.rglob("*") if path.is_file()))
    assert [found.name for found in opened(zipped)[0]] == ["hand.png"]
    assert [path.name for path in tmp_path.rglob("*.png") if is_film_file(path)] == ["hand.png"]


def test_a_cohort_without_films_is_a_message(tmp_path):
    (tmp_path / "films.zip").write_bytes(packed(("Thumbs.txt", b"words")))
    done = CliRunner().invoke(app, ["cohort", str(tmp_path / "films.zip"), "--out", str(tmp_path / "out")])
    assert done.exit_code == 2
    assert "There are no films to analyze." in done.output
