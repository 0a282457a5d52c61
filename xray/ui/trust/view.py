"""The Trust page: maps side by side with a table of their checks, and measurements over many films."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import pyarrow as pa
import streamlit as st

from xray.errors import ModelUnavailable
from xray.evidence import CHECKS, MARKS, FilmContext, verdict_of
from xray.evidence.context import Box
from xray.evidence.limits import kept, study_file
from xray.explain import METHODS, method_of
from xray.io.csv_cells import safe_table
from xray.io.result_files import short_stem
from xray.models.ensemble import model_of, weights_sha256
from xray.models.registry import ModelEntry
from xray.types import Case, Check, Explanation, MapVerdict, Radiograph, Verdict
from xray.ui.common.cases import (
    chosen_finding,
    fallback_notice,
)
from xray.ui.common.checks import checked, without_limits
from xray.ui.common.escaping import literal
from xray.ui.common.links import link_button
from xray.ui.common.maps import linked_method, maps_of, ordered, ranked
from xray.ui.common.messages import fragment
from xray.ui.common.verdict import verdict_line
from xray.ui.trust.external_maps import external_maps
from xray.ui.viewer import draw_rectangles

COLORS: dict[Verdict, str] = {  # translucent, for the dark and the light theme
    "passed": "rgba(47, 181, 151, 0.35)",
    "failed": "rgba(214, 80, 77, 0.35)",
    "cannot be judged": "rgba(128, 140, 155, 0.2)",
}
ROW = 4
BENCHMARK = (
    "In a benchmark on other films and models, seven explanation methods, with Grad-CAM the best of them, "
    "located findings significantly worse than radiologists (Saporta et al. 2022, "
    "doi:10.1038/s42256-022-00536-x)."
)


@fragment
def methods_compared(case: Case) -> None:
    """Show the maps of the chosen methods on one scale, then a table of all checks of each method."""
    fallback_notice(case)
    prediction = case.prediction
    model = model_of(prediction)
    supported, unsupported = ordered(model)
    finding_column, methods_column = st.columns([1, 3], vertical_alignment="bottom")
    with finding_column:
        finding = chosen_finding(case, "trust finding")
    linked = linked_method(supported)
    chosen = methods_column.multiselect(
        "Methods",
        supported,
        [name for name in supported if METHODS[name].explains_all or name == linked],
        key=f"trust methods:{prediction.model_id}:{linked}",
        format_func=lambda name: METHODS[name].title,
        help="Not available for this model:" + "".join(f"\n- {reason}" for reason in unsupported)
        if unsupported
        else None,
    )
    maps = {METHODS[name].title: maps_of(case, METHODS[name], (finding,))[0] for name in chosen}
    shown = st.container()
    external = external_maps(case, finding)
    maps |= external
    with shown:
        gallery(case, maps)
    boxes = marked_regions(case.radiograph, finding)
    for reason in dict.fromkeys(without_limits(explanation) for explanation in maps.values()):
        if reason:
            st.caption(f":material/info: {literal(reason)}")
    if not st.toggle("Run all checks for every map (a few seconds each)", key="check all"):
        return
    table = st.empty()
    rows: dict[str, list[Check]] = {}
    film = FilmContext.of(model, case.radiograph, finding)
    for title, explanation in maps.items():
        rows[title] = list(checked(case, explanation, boxes, film))
        verdicts = {method: verdict_of(maps[method], done) for method, done in rows.items()}
        table.dataframe(
            styled(rows, verdicts),
            width="stretch",
            placeholder="–",
            column_config={"_index": st.column_config.Column("Method", width=200)},
        )
    st.download_button(
        "Checks (CSV)",
        lambda: checks_csv(rows, verdicts),
        f"{short_stem(case.radiograph.name)}-checks.csv",
        "text/csv",
        on_click="ignore",
        icon=":material/download:",
    )
    st.caption(
        "✓ passed, ✗ failed, ? cannot be judged. Click a column to sort by it. The trust card of the "
        "Analyze page explains what each check measures and how it can mislead."
    )
    with st.expander("Reasons of the verdicts on the maps", expanded=bool(external)):
        for title, verdict in verdicts.items():
            st.markdown(f"{literal(title)}: {verdict_line(verdict)}")


def marked_regions(radiograph: Radiograph, finding: str) -> tuple[Box, ...]:
    """Rectangles with which the user marks the finding, in source pixels."""
    with st.expander("Mark where the finding is", icon=":material/select:"):
        st.caption("Draw a rectangle to check the location of the map too.")
        corners = draw_rectangles(radiograph, f"place:{radiograph.sha256}:{finding}")
    return tuple((left, top, right, bottom) for left, top, right, bottom in corners.tolist())


def gallery(case: Case, maps: Mapping[str, Explanation]) -> None:
    """Show the maps over the film, by rank, in linked viewers."""
    if maps:
        ranked(case, next(iter(maps.values())), "all", "controls")
    for start in range(0, len(maps), ROW):
        for column, title in zip(st.columns(ROW), list(maps)[start : start + ROW], strict=False):
            with column:
                method = method_of(maps[title])
                cost = "" if maps[title].file else f" Cost: {method.cost}."
                st.markdown(f"**{literal(title)}**", help=f"Values: {method.values}.{cost}")
                ranked(case, maps[title], title)
    if maps:
        st.caption(
            "The units of the methods differ, so the maps show ranks: 1 is the highest value of a map, 0 its "
            "median, and lower values are not shown. Zoom, pan and window are linked."
        )
    link_button()


def styled(rows: Mapping[str, list[Check]], map_verdicts: Mapping[str, MapVerdict]) -> Any:
    """One row per map: the verdict on its map, and the value of each check, colored and marked."""
    values = pd.DataFrame(
        {
            title: {
                "Map": map_verdicts[title].support,
                **{CHECKS[check.name].title: check.value for check in done},
                "Seconds": sum(check.seconds for check in done),
            }
            for title, done in rows.items()
        }
    ).T
    verdicts = {
        title: {CHECKS[check.name].title: check.verdict for check in done} for title, done in rows.items()
    }

    def background(row: pd.Series) -> list[str]:
        verdict = verdicts[str(row.name)]
        return [f"background-color: {COLORS[verdict[name]]}" if name in verdict else "" for name in row.index]

    style = values.style.apply(background, axis=1).format("{:.2f}", subset=["Seconds"])
    for title, done in rows.items():
        for check in done:
            cell = pd.IndexSlice[[title], [CHECKS[check.name].title]]
            style = style.format(f"{{:.2f}} {MARKS[check.verdict]}", na_rep="–", subset=cell)
    return style


def checks_csv(rows: Mapping[str, list[Check]], map_verdicts: Mapping[str, MapVerdict]) -> str:
    """One line per map and check with value and verdict, after the verdict on the map and its reason."""
    lines = [
        {
            "map": title,
            "verdict on the map": map_verdicts[title].support,
            "reason": map_verdicts[title].reason,
            "check": CHECKS[check.name].title,
            "value": check.value,
            "verdict": check.verdict,
            "why": check.why,
        }
        for title, done in rows.items()
        for check in done
    ]
    return safe_table(pa.Table.from_pylist(lines)).to_pandas().to_csv(index=False)


def over_many_films(model: ModelEntry) -> None:
    """Show what evaluate-explanations measured for a model, each figure with its interval."""
    try:
        study = kept(study_file(model.id), weights_sha256(model))
    except ModelUnavailable:
        study = {}
    if not study:
        st.info(f"No measurements are available for {literal(model.title)}.", icon=":material/info:")
        st.code(f"python -m xray evaluate-explanations {model.id} --keep", language=None)
        return
    st.caption(
        f"`{study['command']}`: {study['films']} films; n is the number of maps with the figure. "
        f"Intervals: {study['interval']}."
    )
    measured = {METHODS[name].title: figures for name, figures in study["methods"].items()}
    for key, title in (
        ("value", "Value"),
        ("passed", "Share of conclusive checks that passed; for location, share of hits"),
    ):
        st.markdown(f"**{title}**")
        st.dataframe(
            pd.DataFrame(
                {
                    title: {CHECKS[name].title: figure(check.get(key)) for name, check in figures.items()}
                    for title, figures in (measured | controls(study, key)).items()
                }
            ).T
        )
    if any("location" in figures for figures in study["methods"].values()):
        st.caption(BENCHMARK)


def controls(study: Mapping[str, Any], key: str) -> dict[str, dict[str, Any]]:
    """Rows for maps without meaning and the centered Gaussian, as measured with the first method."""
    if key != "value":
        return {}
    first = next(iter(study["methods"].values()))
    return {
        title: {name: {"value": check[control]} for name, check in first.items() if control in check}
        for title, control in (("Maps without meaning", "random"), ("Centered Gaussian", "centered"))
    }


def figure(estimate: Mapping[str, float] | None) -> str:
    """Format a value with its interval; a dash if it was not measured."""
    if estimate is None:
        return "–"
    return f"{estimate['value']:.2f} ({estimate['low']:.2f} to {estimate['high']:.2f}), n {estimate['n']}"
