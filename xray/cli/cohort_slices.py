"""Output of python -m xray cohort --by and --zones: slices, triage groups, tests of the sets, lung zones."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from xray.wording import counted

if TYPE_CHECKING:
    import pyarrow as pa

    from xray.cohort.labels import Labels
    from xray.train.bootstrap import Estimate


def print_slices(results: pa.Table, labels: Labels, finding: str, columns: Sequence[str], out: Path) -> None:
    """Print the slices of a cohort, the worst first, and write them to slices.csv.

    Raises:
        UnusableData: If a column cannot be grouped.
    """
    from xray.atomic import write_atomically
    from xray.cohort.slice_table import slice_table, sliced
    from xray.cohort.slices import METRICS
    from xray.cohort.table import write_csv
    from xray.cohort.triage import LEVEL, set_tests, triage

    everything, found = sliced(results, labels, finding, columns)
    films = sum(len(part.rows) for part in found if part.column == found[0].column)
    written = slice_table(everything, found, films)
    write_atomically(out / "slices.csv", lambda file: write_csv(written, file))
    typer.echo(f"{finding}, {films} films, worst slices first, 95% intervals; p is corrected for all tests.")
    lines: list[tuple[str, int, dict[str, Estimate], dict[str, float], frozenset[str]]]
    lines = [("all films", films, everything, {}, frozenset())]
    lines += [
        (f"{part.column}: {part.value}", len(part.rows), part.figures, part.p, part.worse) for part in found
    ]
    for name, count, figures, p, worse in lines:
        typer.echo(f"{name} ({counted(count, 'film')})")
        for metric in METRICS:
            if metric in figures:
                differs = f"  worse than the rest, p = {p[metric]:.2g}" if metric in worse else ""
                note = differs if p.get(metric, 1) < LEVEL else ""
                typer.echo(f"  {metric:18} {figures[metric]}{note}")
    typer.echo(f"Triage groups of {finding}:")
    for group in triage(results, finding):
        share = f", {group.present} of {group.labeled} labeled films show it" if group.present else ""
        typer.echo(f"  {group.name}: {len(group.rows)}{share}")
    tests = set_tests(results, finding)
    for test in tests:
        typer.echo(f"  {test}")
    if any(test.failed for test in tests):
        typer.echo(
            f"The films differ from the validation films (p < {LEVEL}): do not rely on the sets and on "
            "`cannot tell` here."
        )


def print_zones(results: pa.Table, labels: Labels, finding: str, findings: Sequence[str]) -> None:
    """Print the mean share of the evidence for a finding by lung zone, with and without the finding."""
    from xray.cohort.zones import zone_means_of
    from xray.types import REGIONS

    means = zone_means_of(results, labels, finding, findings)
    typer.echo(f"Mean share of the evidence for {finding} by lung zone, 95% intervals:")
    for label, (count, shares) in means.items():
        typer.echo(f"  {label}, {counted(count, 'film')}")
        for region, share in zip(REGIONS, shares, strict=True):
            typer.echo(f"    {region:18} {share}")
    if not means:
        typer.echo("  No film has positive evidence and determined lungs.")
