"""Navigation and page title are shown before slow modules are imported."""

import ast
import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
HEAVY = ("torch", "torchvision", "timm", "ultralytics", "pandas", "cv2", "scipy", "sqlalchemy")
SCRIPTS = [ROOT / "dashboard.py", *sorted((ROOT / "pages").glob("*.py"))]


def imports_at_the_top(script: Path) -> str:
    nodes = ast.parse(script.read_text(encoding="utf-8")).body
    return "\n".join(ast.unparse(node) for node in nodes if isinstance(node, ast.Import | ast.ImportFrom))


def test_scripts_import_nothing_heavy_at_their_top():
    """One process runs the imports of all scripts: the first with a module is the script that imports it."""
    tops = {script.name: imports_at_the_top(script) for script in SCRIPTS}
    assert all(tops.values())
    code = f"""
import json, sys
imported = {{}}
for name, top in {tops!r}.items():
    exec(top)
    imported[name] = [module for module in {HEAVY} if module in sys.modules]
print(json.dumps(imported))
"""
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert json.loads(run.stdout) == {name: [] for name in tops}


def test_the_first_page_shows_its_examples_without_torch():
    code = """
import sys
from xray.ui.analyze.welcome import welcome
from xray.ui.common.films import opened_films
from xray.ui.common.messages import errors_shown
print([module for module in ("torch", "timm", "ultralytics") if module in sys.modules])
"""
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
