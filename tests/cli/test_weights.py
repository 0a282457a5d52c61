"""The terminal's list of models, and what it may be asked to add and fetch."""

import json

import pytest
from typer.testing import CliRunner

from xray.cli import app
from xray.models.registry import added_file, entries, entry, public_entries
from xray.settings import settings


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XRAY_CACHE_DIR", str(tmp_path / "cache"))
    settings.cache_clear()
    yield tmp_path / "cache"
    settings.cache_clear()


def run(*arguments: str):
    return CliRunner().invoke(app, ["weights", *arguments])


def test_every_model_is_listed_with_its_state():
    told = json.loads(run("list", "--json").stdout)
    assert [one["id"] for one in told] == [one.id for one in (*entries(), *public_entries())]
    states = {one["kind"]: one["state"] for one in told}
    assert states["bundled"] == "bundled"
    assert states["torchxrayvision"] == states["huggingface"] == "not fetched"
    lines = run("list").stdout.splitlines()
    assert len(lines) == len(told)
    assert lines[0].split()[:2] == [told[0]["id"], "bundled"]


def test_an_added_model_is_listed_and_survives_the_process(cache):
    result = run("add", "someone/chest-vit", "--revision", "v1")
    assert "python -m xray weights fetch someone--chest-vit" in result.stdout
    added = entry("someone--chest-vit")
    assert (added.kind, added.source, added.revision) == ("huggingface", "someone/chest-vit", "v1")
    assert "someone--chest-vit" in run("list").stdout
    run("add", "someone/chest-vit")
    assert entry("someone--chest-vit").revision == ""
    assert [path for path in cache.iterdir() if path.suffix != ".lock"] == [added_file()]


@pytest.mark.parametrize("source", ["chest-vit", "a/b/c", "../secret/x", "a/..", "https://a/b", ""])
def test_what_is_no_name_is_refused(source, cache):
    result = run("add", source)
    assert result.exit_code == 2
    assert "is not a model name. Give it as OWNER/NAME." in result.stderr
    assert not cache.exists()


def test_bundled_and_unknown_models_are_not_fetched():
    result = run("fetch", entries()[0].id)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "is bundled. There is nothing to fetch." in result.stderr
    result = run("fetch", "oracle")
    assert result.exit_code == 2
    assert "There is no model 'oracle'." in result.stderr


def test_a_damaged_list_of_added_models_is_told_and_left_alone(cache):
    run("add", "someone/chest-vit")
    added_file().write_text("not toml [")
    for arguments in (["list"], ["add", "someone/other"], ["fetch", "hf-vit-pneumonia"]):
        result = run(*arguments)
        assert result.exit_code == 2
        assert "The model registry registry.toml cannot be read. Delete" in result.stderr
    assert added_file().read_text() == "not toml ["
    assert entry(entries()[0].id)  # bundled models go on
