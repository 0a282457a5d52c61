"""Data sets by name: kept commands run on any computer that has the data."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from xray.cli import app
from xray.errors import UnusableData
from xray.settings import ROOT, Settings
from xray.train.public_data import COLLECTIONS, data_folder
from xray.train.sources import Source


def test_a_name_is_a_folder_of_the_training_data(training_data):
    (training_data / "data" / "chest").mkdir(parents=True)
    assert data_folder(Path("nih-chest")) == training_data / "data" / "chest"


@pytest.mark.parametrize("name", ["XRAY_TRAINING_DATA", "XRAY_SHARED_DIR"])
def test_the_old_name_of_the_setting_is_still_read(monkeypatch, tmp_path, name):
    for each in ("XRAY_TRAINING_DATA", "XRAY_SHARED_DIR"):
        monkeypatch.delenv(each, raising=False)
    monkeypatch.setenv(name, str(tmp_path))
    assert Settings().training_data == tmp_path


def test_the_new_name_of_the_setting_takes_precedence(monkeypatch, tmp_path):
    monkeypatch.setenv("XRAY_SHARED_DIR", "/elsewhere")
    monkeypatch.setenv("XRAY_TRAINING_DATA", str(tmp_path))
    assert Settings().training_data == tmp_path


def test_an_existing_folder_takes_precedence_over_a_name(training_data, monkeypatch):
    (training_data / "data" / "chest").mkdir(parents=True)
    (training_data / "nih-chest").mkdir()
    monkeypatch.chdir(training_data)
    assert data_folder(Path("nih-chest")) == Path("nih-chest")


def test_any_other_path_is_returned_unchanged(training_data):
    assert data_folder(Path("some/folder")) == Path("some/folder")


def test_a_named_data_set_that_is_missing_is_reported_with_the_setting(training_data):
    with pytest.raises(
        UnusableData, match=r"nih-chest is not on this computer.*XRAY_TRAINING_DATA.*data/chest"
    ):
        data_folder(Path("nih-chest"))


def test_a_command_reports_a_missing_named_data_set(training_data):
    done = CliRunner().invoke(app, ["evaluate", "pneumonia-mobilenet", "--data", "kermany-pneumonia"])
    assert done.exit_code == 2
    assert "The data set kermany-pneumonia is not on this computer." in done.stderr


def test_the_document_describes_every_collection():
    text = (ROOT / "docs" / "data.md").read_text(encoding="utf-8")
    for name, one in COLLECTIONS.items():
        about = (one.title, one.size, one.licence, one.citation, one.address)
        assert f"| `{name}` | {' | '.join(about)} |" in text
        assert f"| `{name}` | `{one.folder}` | " in text


def test_a_missing_collection_of_a_recipe_is_reported_with_the_command(training_data):
    with pytest.raises(
        UnusableData, match=r"fracatlas is not on this computer.*data prepare fracatlas --from"
    ):
        Source("fracatlas").films(training_data, 0)


def test_kept_commands_name_data_sets_and_no_folder_of_this_computer():
    for path in sorted((ROOT / "weights").glob("*-e*.json")):
        command = json.loads(path.read_text()).get("command", "").split()
        if "--data" in command:
            assert command[command.index("--data") + 1] in COLLECTIONS, path.name
        assert not any(word.startswith((".", "/")) for word in command), path.name
