"""Navigation and page title are shown before slow modules are imported."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = ("torch", "torchvision", "timm", "ultralytics", "pandas", "cv2", "scipy", "sqlalchemy")
SCRIPTS = ("dashboard.py", *(f"pages/{path.name}" for path in sorted((ROOT / "pages").glob("*.py"))))


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script_imports_nothing_heavy_at_its_top(script):
    top = [
        ast.unparse(node)
        for node in ast.parse((ROOT / script).read_text(encoding="utf-8")).body
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert top
    code = "; ".join([*top, "import sys", f"print([name for name in {HEAVY} if name in sys.modules])"])
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
