"""Measure start-up: the help text, one analyzed film, each against the bare import of the libraries it needs.

python -m benchmarks.startup [--rounds N] [--json]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

from PIL import Image

from benchmarks.timing import as_text, medians
from xray.imaging.phantom import chest_phantom

HELP = "python -m xray --help"
ANALYZE = "python -m xray analyze FILE"
BASELINES = {
    HELP: "import typer, pydantic",
    ANALYZE: "import typer, pydantic, torch, torchvision, scipy.ndimage, cv2, pydicom",
}


def main() -> None:
    """Time every command and its baseline in turns and print medians and ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        film = Path(folder) / "chest.png"
        pixels = chest_phantom(1, size=(256, 256)).radiograph.pixels
        Image.fromarray((pixels * 255).astype("uint8")).save(film)
        commands = {
            HELP: ["-m", "xray", "--help"],
            ANALYZE: ["-m", "xray", "analyze", str(film), "--anyway"],
        }
        timed = {name: partial(_run, arguments) for name, arguments in commands.items()}
        timed |= {code: partial(_run, ["-c", code]) for code in BASELINES.values()}
        figures = medians(timed, given.rounds, warmup=1)
    ratios = {f"ratio: {name}": figures[name] / figures[code] for name, code in BASELINES.items()}
    print(as_text(figures | ratios, as_json=given.json))


def _run(arguments: list[str]) -> None:
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True)


if __name__ == "__main__":
    main()
