"""The Typer app, options that several commands share, and error output."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from xray import NOTICE
from xray.errors import RefusedRadiograph, XrayError
from xray.train.public_data import COLLECTIONS, data_folder

if TYPE_CHECKING:
    from xray.history.keeping import Keeper
    from xray.types import Case, Radiograph

app = typer.Typer(no_args_is_help=True, add_completion=False, help=f"Explain X-ray models. {NOTICE}")

Json = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]

Keep = Annotated[
    bool,
    typer.Option(
        "--keep", help="Keep the results in the history of this computer; always with XRAY_HISTORY=1."
    ),
]


def keeper_of(keep: bool) -> Keeper:
    """The keeper of the results of a command; enabled by the option or the setting."""
    from xray.history.keeping import Keeper
    from xray.settings import settings

    return Keeper(keep or settings().history)


def stop_if_not_kept(keeper: Keeper) -> None:
    """Print why results could not be kept, and exit with code 1; without effect if they were kept."""
    if keeper.error:
        say(XrayError(keeper.error))
        raise typer.Exit(1)


def say(error: XrayError, radiograph: Radiograph | None = None) -> None:
    """Print an error to stderr, above a progress bar if there is one.

    A refusal names the option, and how the film was read if it is given.
    """
    from tqdm import tqdm

    more = ""
    if isinstance(error, RefusedRadiograph):
        more = " To analyze it anyway, add --anyway."
        if radiograph and radiograph.notes:
            more += f" How it was read: {' '.join(radiograph.notes)}"
    tqdm.write(f"{error}{more}", file=sys.stderr)


def say_remarks(case: Case) -> None:
    """Print what a reader of a result must know: a refusal, another model, and how the film was read."""
    from xray.io.encode import marked

    for remark in filter(None, (marked(case).rstrip(), case.fallback, *case.radiograph.notes)):
        typer.echo(remark)


def stop(error: XrayError) -> NoReturn:
    """Print an error and exit with code 2."""
    say(error)
    raise typer.Exit(2)


def stop_unwritable(error: OSError, place: Path | None) -> NoReturn:
    """Print that a result cannot be written and exit with code 2."""
    stop(XrayError(f"{error.filename or place} cannot be written.", "Check the path and its permissions."))


def _data_folder(given: Path | None) -> Path | None:
    try:
        return None if given is None else data_folder(given)
    except XrayError as error:
        stop(error)


Data = Annotated[
    Path | None,
    typer.Option(
        callback=_data_folder,
        help=f"Labeled films: a folder, or one of {', '.join(COLLECTIONS)}; by default the recipe's data.",
    ),
]
