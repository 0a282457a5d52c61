"""A prepared folder is whole or not there, and only its files are written or removed."""

import hashlib
import json
import zipfile

import pytest
from typer.testing import CliRunner

from tests.train.prepare.downloads import content, film, jpeg, put
from xray.cli import app
from xray.errors import UnusableData
from xray.train.data import read_dataset
from xray.train.prepare import prepare
from xray.train.prepare.target import Target
from xray.train.public_data import COLLECTIONS

KERMANY = {
    "chest_xray/train/NORMAL/IM-0115-0001.jpeg": jpeg(film(1)),
    "chest_xray/train/PNEUMONIA/person1_bacteria_1.jpeg": jpeg(film(2)),
    "chest_xray/test/NORMAL/IM-0001-0001.jpeg": jpeg(film(3)),
}


@pytest.fixture
def download(tmp_path):
    return put(tmp_path / "download", KERMANY)


def test_preparing_again_gives_the_same_files(download, tmp_path):
    folder = tmp_path / "out"
    prepare("kermany-pneumonia", download, folder)
    before = content(folder)
    prepare("kermany-pneumonia", download, folder)
    assert content(folder) == before
    assert not list(folder.glob(".*"))


def test_the_manifest_lists_the_checksum_of_every_file(download, tmp_path):
    facts = prepare("kermany-pneumonia", download, tmp_path / "out")
    files = content(tmp_path / "out")
    sums = files.pop("sha256.txt")
    assert json.loads(files.pop("prepared.json")) == facts
    expected = {hashlib.sha256(data).hexdigest(): path for path, data in files.items()}
    assert dict(line.split("  ") for line in sums.decode().splitlines()) == expected
    assert facts["sha256_txt"] == hashlib.sha256(sums).hexdigest()
    assert facts["n"] == facts["files"] - 1 == 3


def test_a_film_that_is_no_longer_in_the_download_is_removed(download, tmp_path):
    folder = tmp_path / "out"
    prepare("kermany-pneumonia", download, folder)
    (folder / "notes.txt").write_text("mine")
    (download / "chest_xray/train/NORMAL/IM-0115-0001.jpeg").unlink()
    prepare("kermany-pneumonia", download, folder)
    assert "train/NORMAL/IM-0115-0001.jpg" not in content(folder)
    assert (folder / "notes.txt").read_text() == "mine"


def test_an_error_or_interruption_while_reading_keeps_what_was_there(download, tmp_path, monkeypatch):
    folder = tmp_path / "out"
    with pytest.raises(KeyboardInterrupt):
        interrupted(download, folder, monkeypatch, "write_list")
    assert not folder.exists()
    prepare("kermany-pneumonia", download, folder)
    before = content(folder)
    with pytest.raises(KeyboardInterrupt):
        interrupted(download, folder, monkeypatch, "write_list")
    assert content(folder) == before


def interrupted(download, folder, monkeypatch, method: str) -> None:
    def stop(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Target, method, stop)
        prepare("kermany-pneumonia", download, folder)


def test_an_interruption_while_files_are_replaced_is_reported_until_it_is_repeated(
    download, tmp_path, monkeypatch
):
    folder = tmp_path / "out"
    with monkeypatch.context() as patched:
        patched.setattr("shutil.rmtree", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
        target = Target("kermany-pneumonia", folder)
        (folder / ".unfinished").mkdir(parents=True)
        target.counts["film"] = 1
        target._created = False
        target.write("train/NORMAL/a.jpg", jpeg(film(1)))
        with pytest.raises(KeyboardInterrupt):
            target.finish()
    with pytest.raises(UnusableData, match=r"preparation of .*out was interrupted.*data prepare"):
        read_dataset(folder)
    prepare("kermany-pneumonia", download, folder)
    assert len(read_dataset(folder)) == 3


@pytest.mark.parametrize("other", ["labels.csv", ".hidden", "prepared.json"])
def test_a_folder_with_other_files_is_refused(download, tmp_path, other):
    folder = put(tmp_path / "mine", {other: '{"collection": "fracatlas"}'})
    with pytest.raises(UnusableData, match="--to"):
        prepare("kermany-pneumonia", download, folder)
    assert list(content(folder)) == [other]


def test_only_the_target_folder_is_written(download, tmp_path):
    before = content(tmp_path)
    prepare("kermany-pneumonia", download, download / "prepared")
    prepare("kermany-pneumonia", download, download / "prepared")
    after = content(tmp_path)
    assert {path: data for path, data in after.items() if "/prepared/" not in path} == before
    assert json.loads(after["download/prepared/prepared.json"])["n"] == 3


def test_an_archive_gives_the_same_as_its_folder(download, tmp_path):
    with zipfile.ZipFile(tmp_path / "archive.zip", "w") as archive:
        for name, data in KERMANY.items():
            archive.writestr(name, data)
        archive.writestr("../../outside/train/NORMAL/evil.jpeg", jpeg(film(9)))
    prepare("kermany-pneumonia", download, tmp_path / "folder")
    facts = prepare("kermany-pneumonia", tmp_path / "archive.zip", tmp_path / "from_archive")
    assert facts["n"] == 3
    assert not list(tmp_path.rglob("outside"))
    for path, data in content(tmp_path / "folder").items():
        if path.endswith(".jpg"):
            assert (tmp_path / "from_archive" / path).read_bytes() == data


@pytest.mark.parametrize("name", sorted(COLLECTIONS))
def test_another_folder_is_refused_with_what_is_expected(tmp_path, name):
    wrong = put(tmp_path / "wrong", {"holiday/beach.jpg": jpeg(film(1))})
    with pytest.raises(UnusableData) as raised:
        prepare(name, wrong, tmp_path / "out")
    assert f"not the download of {name}" in raised.value.message
    assert COLLECTIONS[name].expects in raised.value.hint
    assert not (tmp_path / "out").exists()


def test_a_missing_download_or_collection_is_reported_by_the_command(tmp_path):
    def errors(*arguments: object) -> str:
        done = CliRunner().invoke(app, ["data", "prepare", *map(str, arguments)])
        assert done.exit_code == 2
        return done.stderr

    assert "does not exist" in errors(
        "kermany-pneumonia", "--from", tmp_path / "no", "--to", tmp_path / "out"
    )
    assert "Known: nih-chest, " in errors("kermani", "--from", tmp_path)


def test_the_command_prints_counts_and_what_was_left_out(download, tmp_path):
    (download / "chest_xray/test/NORMAL/IM-0003-0001.jpeg").write_bytes(b"\xff\xd8\xff broken")
    arguments = [
        "data",
        "prepare",
        "kermany-pneumonia",
        "--from",
        str(download),
        "--to",
        str(tmp_path / "out"),
    ]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0
    assert "1  train: PNEUMONIA" in done.stdout
    assert (
        "1  left out: cannot be read as a film, such as chest_xray/test/NORMAL/IM-0003-0001.jpeg"
        in done.stdout
    )
    assert "sha256.txt" in done.stdout
