"""Missing, damaged and fetched files of a model."""

import json

from tests.pages.conftest import shown_text
from tests.pages.models.conftest import (
    opened,
)
from xray.models.registry import public_entries
from xray.settings import settings


def test_a_public_model_shows_licence_source_and_a_way_to_fetch_it(tmp_path, monkeypatch):
    monkeypatch.setenv("XRAY_CACHE_DIR", str(tmp_path))
    settings.cache_clear()
    try:
        for entry in public_entries():
            page = opened(entry.id)
            text = shown_text(page)
            assert entry.licence in text
            assert entry.source in text
            assert [one.label for one in page.button] == ["Fetch"]
    finally:
        monkeypatch.undo()
        settings.cache_clear()


def test_a_failed_download_of_a_public_model_is_reported(tmp_path, monkeypatch):
    monkeypatch.setenv("XRAY_CACHE_DIR", str(tmp_path / "file" / "cache"))
    (tmp_path / "file").write_text("in the way")
    settings.cache_clear()
    try:
        page = opened(public_entries()[0].id)
        page.button[0].click().run()
        assert not page.exception
        assert "Nothing can be kept in" in page.error[0].value.replace("\\", "")
    finally:
        monkeypatch.undo()
        settings.cache_clear()


def test_missing_or_damaged_files_are_reported_and_the_rest_remains(made_up):
    (made_up / "made-up-two.json").unlink()
    (made_up / "made-up-two.md").unlink()
    page = opened("made-up-two")
    text = shown_text(page)
    assert (
        "There are no figures for made-up-two. Measure it on labeled films: python -m xray evaluate" in text
    )
    assert "There is no model card for made-up-two." in text
    assert [one.label for one in page.tabs] == ["Card", "Audit"]
    (made_up / "made-up-two.json").write_text('{"test": {"n": 3}}')
    assert "The figures in made-up-two.json cannot be read." in shown_text(opened("made-up-two"))


def test_figures_without_test_films_or_curves_show_what_there_is(made_up, figures):
    told = figures["made-up-several"]
    path = made_up / "made-up-several.json"
    path.write_text(json.dumps({name: told[name] for name in ("epochs", "seconds")}))
    page = opened("made-up-several")
    assert "There are no test figures for made-up-several." in shown_text(page)
    assert [one.label for one in page.tabs] == ["Training", "Card", "Audit"]
    bare = {name: value for name, value in told["test"].items() if name not in ("findings", "sources")}
    path.write_text(json.dumps({"test": bare | {"conformal": None}}))
    page = opened("made-up-several")
    assert [one.label for one in page.tabs] == ["Figures", "Calibration", "Card", "Audit"]


def test_figures_of_other_weights_are_called_out(made_up, figures):
    assert "measured with other weights" not in shown_text(opened("made-up-two"))
    told = figures["made-up-two"] | {"test": figures["made-up-two"]["test"] | {"weights_sha256": "1" * 64}}
    (made_up / "made-up-two.json").write_text(json.dumps(told))
    assert "measured with other weights" in shown_text(opened("made-up-two"))
