"""Charts have the colors of both themes."""

import json
import shlex
import tomllib

from xray.settings import ROOT
from xray.ui.common.charts import DARK, LIGHT


def test_the_dark_colors_are_those_of_the_configuration():
    theme = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["theme"]
    assert (*DARK[:2], DARK[-1]) == (*theme["chartCategoricalColors"][:2], theme["backgroundColor"])


def test_the_light_colors_are_those_of_light_env():
    lines = shlex.split((ROOT / ".streamlit" / "light.env").read_text(encoding="utf-8"), comments=True)
    theme = dict(line.removeprefix("STREAMLIT_THEME_").split("=", 1) for line in lines)
    categorical = json.loads(theme["CHART_CATEGORICAL_COLORS"])
    assert (*LIGHT[:2], LIGHT[-1]) == (*categorical[:2], theme["BACKGROUND_COLOR"])
