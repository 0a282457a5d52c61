"""The benchmark of the checks on the Trust page: how often true and meaningless maps pass."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from xray.errors import ModelUnavailable
from xray.evidence import CHECKS
from xray.evidence.limits import TRUE, kept, limits_file
from xray.models.ensemble import weights_sha256
from xray.models.registry import ModelEntry
from xray.ui.common.escaping import literal

VERDICT = "Map: supported"


def benchmark_of_checks(model: ModelEntry) -> None:
    """Show the rates of checks and verdict of a model, or how to measure them."""
    st.markdown("**Can the checks tell right maps from wrong ones?**")
    try:
        figures = kept(limits_file(model.id), weights_sha256(model))
    except ModelUnavailable:
        figures = {}
    if "benchmark" not in figures:
        st.info(f"The checks of {literal(model.title)} were not measured.", icon=":material/info:")
        return
    measured = figures["benchmark"]
    st.caption(
        f"`{measured['command']}`: {measured['films']} normal test films with an inserted lesion, so the "
        "right place is known. True maps point at the lesion; the others are maps without meaning, given as "
        "pictures, so Randomization does not reject them. Shares that pass, with n; AUROC: 1 is perfect, 0.5 "
        "is chance, for the verdict without the Gaussian and mirrored maps, which it rejects by construction."
    )
    st.dataframe(table(measured))


def table(measured: Mapping[str, Any]) -> pd.DataFrame:
    """One row for the verdict and for each check of the map alone: AUROC, and shares of maps that pass."""
    rows = {VERDICT: measured["verdict"]} | {
        CHECKS[name].title: check for name, check in measured["checks"].items()
    }
    return pd.DataFrame(
        {
            title: {"AUROC": f"{check['auroc']:.3f}", "True maps": share(check[TRUE])}
            | {kind[0].upper() + kind[1:]: share(rate) for kind, rate in check["meaningless"].items()}
            for title, check in rows.items()
        }
    ).T


def share(rate: Mapping[str, float]) -> str:
    """A share with the number of maps."""
    return f"{rate['value']:.0%} of {rate['n']:.0f}"
