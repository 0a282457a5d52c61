"""The README agrees with the code: settings with defaults and descriptions, and links to files."""

import os
import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from xray.api.settings import ApiSettings
from xray.settings import ROOT, Settings

README = (ROOT / "README.md").read_text(encoding="utf-8")


def shown(default: Any) -> str:
    """A default as the table shows it; paths relative to the home folder or the checkout."""
    if isinstance(default, SecretStr):
        default = default.get_secret_value()
    if isinstance(default, Path):
        beside = default.is_relative_to(ROOT) or default == ROOT.parent / "shared"
        default = os.path.relpath(default, ROOT) if beside else f"~/{default.relative_to(Path.home())}"
    if isinstance(default, bool):
        default = str(default).lower()
    return "" if default in (None, "") else f"`{default:g}`" if isinstance(default, float) else f"`{default}`"


@pytest.mark.parametrize("settings", [Settings, ApiSettings])
def test_the_table_lists_every_setting_with_its_default_and_description(settings):
    prefix = settings.model_config["env_prefix"]
    expected = [
        f"| `{prefix}{name.upper()}` | {shown(field.default)} | {field.description} |"
        for name, field in settings.model_fields.items()
    ]
    table = [line for line in README.splitlines() if line.startswith("| `XRAY_")]
    assert [
        line for line in table if line.startswith("| `XRAY_API_") == (settings is ApiSettings)
    ] == expected


def test_no_document_names_a_setting_that_does_not_exist():
    known = {f"XRAY_{name.upper()}" for name in Settings.model_fields}
    known |= {f"XRAY_API_{name.upper()}" for name in ApiSettings.model_fields}
    known |= {"XRAY_API", "XRAY_TOKEN"}  # variables of the client in docs/api.md
    known |= {"XRAY_SHARED_DIR"}  # the old name of XRAY_TRAINING_DATA
    for path in [ROOT / "README.md", ROOT / "compose.yaml", *sorted((ROOT / "docs").glob("*.md"))]:
        named = set(re.findall(r"XRAY_[A-Z][A-Z_]*[A-Z]", path.read_text(encoding="utf-8")))
        assert named <= known, path.name


def test_every_document_that_is_linked_exists():
    for path in [*ROOT.glob("*.md"), *sorted((ROOT / "docs").glob("*.md"))]:
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8")):
            assert (path.parent / link).exists(), f"{path.name}: {link}"
