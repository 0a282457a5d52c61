"""What every command shares: the app, and how an error is told."""

from __future__ import annotations

import sys
from typing import Annotated, NoReturn

import typer
from tqdm import tqdm

from xray import NOTICE
from xray.errors import XrayError

app = typer.Typer(no_args_is_help=True, add_completion=False, help=f"Explain X-ray models. {NOTICE}")

Json = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]


def say(error: XrayError) -> None:
    tqdm.write(str(error), file=sys.stderr)


def stop(error: XrayError) -> NoReturn:
    say(error)
    raise typer.Exit(2)
