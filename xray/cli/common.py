"""What every command shares: the app, and how an error is told."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from tqdm import tqdm

from xray import NOTICE
from xray.errors import UnreadableImage, XrayError

app = typer.Typer(no_args_is_help=True, add_completion=False, help=f"Explain X-ray models. {NOTICE}")

Json = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]


def say(error: XrayError) -> None:
    tqdm.write(str(error), file=sys.stderr)


def stop(error: XrayError) -> NoReturn:
    say(error)
    raise typer.Exit(2)


def content(path: Path) -> bytes:
    """The bytes of a file. Raises UnreadableImage where it cannot be opened."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise UnreadableImage(
            f"{path.name} cannot be opened.", hint="Check the path and its rights."
        ) from error
