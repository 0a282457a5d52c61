"""The Trust page: methods side by side with their checks as a table, and the same over many films."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from xray.errors import ModelUnavailable
from xray.evidence import CHECKS, FilmContext
from xray.evidence.context import Box
from xray.evidence.limits import kept, study_file
from xray.explain import METHODS
from xray.models.ensemble import load_model, model_of
from xray.models.registry import ModelEntry
from xray.types import Case, Check, Explanation, Radiograph, Verdict
from xray.ui.analyze.trust_card import checked
from xray.ui.common.maps import maps_of, ordered
from xray.ui.common.ranked_maps import ranked
from xray.ui.viewer import draw_rectangles

COLORS: dict[Verdict, str] = {  # over the theme's background, dark or light
    "passed": "rgba(47, 181, 151, 0.35)",
    "failed": "rgba(214, 80, 77, 0.35)",
    "cannot be judged": "rgba(128, 140, 155, 0.2)",
}
ROW = 4


@st.fragment
def methods_compared(case: Case) -> None:
    """Maps of the methods chosen, on one scale; then every check of each, in a table that can be sorted."""
    said = case.prediction
    model = model_of(said)
    fitting, unfit = ordered(model)
    finding_column, methods_column = st.columns([1, 3], vertical_alignment="bottom")
    finding = finding_column.selectbox("Finding", said.findings, said.findings.index(said.most_likely))
    chosen = methods_column.multiselect(
        "Methods",
        fitting,
        [name for name in fitting if METHODS[name].explains_all],
        format_func=lambda name: f"{METHODS[name].title} · {METHODS[name].cost}",
        help="Not offered for this model:" + "".join(f"\n- {one}" for one in unfit) if unfit else None,
    )
    maps = {name: maps_of(case, METHODS[name], (finding,))[0] for name in chosen}
    gallery(case, maps)
    st.caption(
        "Their units differ, so maps are drawn by rank: the brightest place of each is its highest; the "
        "lower half is not drawn. All move together."
    )
    boxes = marked_places(case.radiograph, finding)
    if not st.toggle("Put every check to every method (a few seconds each)", key="check all"):
        return
    table = st.empty()
    rows: dict[str, list[Check]] = {}
    film = FilmContext.of(model, case.radiograph, finding)
    for name in chosen:
        rows[name] = list(checked(case, maps[name], boxes, film))
        table.dataframe(styled(rows), width="stretch")
    st.caption(
        "Green passed, red failed, gray cannot be judged. Click a column to sort by it. What a check asks, "
        "and how it can mislead, stands on the trust card of the Analyze page."
    )


def marked_places(radiograph: Radiograph, finding: str) -> tuple[Box, ...]:
    """Rectangles drawn by the user where the finding is, in source pixels."""
    with st.expander("Mark where the finding is", icon=":material/select:"):
        st.caption("Draw a rectangle to have the map's place checked too.")
        corners = draw_rectangles(radiograph, f"place:{radiograph.sha256}:{finding}")
    return tuple((left, top, right, bottom) for left, top, right, bottom in corners.tolist())


def gallery(case: Case, maps: Mapping[str, Explanation]) -> None:
    """The maps over the film, each by rank, in viewers that move together."""
    if maps:
        ranked(case, next(iter(maps.values())), "all", "controls")
    for start in range(0, len(maps), ROW):
        for column, name in zip(st.columns(ROW), list(maps)[start : start + ROW], strict=False):
            with column:
                st.markdown(f"**{METHODS[name].title}**", help=METHODS[name].values)
                ranked(case, maps[name], name)


def styled(rows: Mapping[str, list[Check]]) -> Any:
    """A row for every method: how many checks it passed, and every check's value, colored by its verdict."""
    values = pd.DataFrame(
        {
            METHODS[name].title: {
                "Passed": sum(one.verdict == "passed" for one in done),
                **{CHECKS[one.name].title: one.value for one in done},
                "Seconds": sum(one.seconds for one in done),
            }
            for name, done in rows.items()
        }
    ).T
    verdicts = {
        METHODS[name].title: {CHECKS[one.name].title: one.verdict for one in done}
        for name, done in rows.items()
    }

    def paint(row: pd.Series) -> list[str]:
        found = verdicts[str(row.name)]
        return [f"background-color: {COLORS[found[name]]}" if name in found else "" for name in row.index]

    return values.style.apply(paint, axis=1).format("{:.2f}", na_rep="–").format("{:.0f}", subset=["Passed"])


def over_many_films(model: ModelEntry) -> None:
    """What evaluate-explanations measured for a model, each figure with its interval."""
    try:
        told = kept(study_file(model.id), load_model(model.id).entry)
    except ModelUnavailable:
        told = {}
    if not told:
        st.info(f"Nothing has been measured for {model.title} yet.", icon=":material/info:")
        st.code(f"python -m xray evaluate-explanations {model.id} --keep", language=None)
        return
    st.caption(f"`{told['command']}`: {told['n']} maps of {told['films']} films, {told['interval']}.")
    measured = {METHODS[name].title: figures for name, figures in told["methods"].items()}
    for key, title in (("value", "Value"), ("passed", "Share passed of those judged; of location, hits")):
        st.markdown(f"**{title}**")
        st.dataframe(
            pd.DataFrame(
                {
                    title: {CHECKS[name].title: figure(one.get(key)) for name, one in figures.items()}
                    for title, figures in (measured | controls(told, key)).items()
                }
            ).T
        )
    if any("location" in figures for figures in told["methods"].values()):
        st.markdown("**Published, on other films and models**")
        st.table({key.capitalize(): [one[key] for one in told["published"]] for key in ("what", "value")})


def controls(told: Mapping[str, Any], key: str) -> dict[str, dict[str, Any]]:
    """Rows for random maps and the centered Gaussian, from beside the first method's values."""
    if key != "value":
        return {}
    first = next(iter(told["methods"].values()))
    return {
        title: {name: {"value": one[control]} for name, one in first.items() if control in one}
        for title, control in (("Random maps", "random"), ("Centered Gaussian", "centered"))
    }


def figure(one: Mapping[str, float] | None) -> str:
    return "–" if one is None else f"{one['value']:.2f} ({one['low']:.2f} to {one['high']:.2f})"
