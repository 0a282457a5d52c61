"""A folder with a web page that runs an exported model, without a connection."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from xray.portable.onnx_file import OnnxFile
from xray.settings import ROOT

EXAMPLE = ROOT / "docs" / "examples" / "browser"


def write_page(exported: OnnxFile, folder: Path) -> None:
    """Write the example page, ONNX Runtime Web, `model.onnx` and `model.json` to a folder.

    Args:
        exported: The model.
        folder: The folder, which is created; files of the same names are replaced.

    Raises:
        OSError: If the folder cannot be written.
    """
    shutil.copytree(EXAMPLE, folder, dirs_exist_ok=True)
    (folder / "model.onnx").write_bytes(exported.data)
    facts = json.dumps(exported.facts, indent=2, ensure_ascii=False)
    (folder / "model.json").write_text(facts + "\n", encoding="utf-8")
