"""python -m xray methods: the explanation methods, also those of other installed packages."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from xray.cli.common import Json, app, stop
from xray.errors import XrayError


@app.command("methods")
def methods(
    model: Annotated[str | None, typer.Argument(help="Model id: states which methods do not fit it.")] = None,
    as_json: Json = False,
) -> None:
    """List the explanation methods with their cost and the package that registers them."""
    from xray.explain import METHODS, offered
    from xray.models.ensemble import load_model

    try:
        refusals = offered(load_model(model)) if model else {}
    except XrayError as error:
        stop(error)
    listed = [
        {
            "name": name,
            "title": method.title,
            "cost": method.cost,
            "package": method.package,
            "paper": method.paper,
            "refusal": refusals.get(name, ""),
        }
        for name, method in METHODS.items()
    ]
    if as_json:
        typer.echo(json.dumps(listed, indent=2, ensure_ascii=False))
        return
    for row in listed:
        unfit = f"  not for {model}: {row['refusal']}" if row["refusal"] else ""
        typer.echo("{name:22} {title:32} {cost:20} {package}".format(**row) + unfit)
