"""What pages are made of; the only part of xray that imports streamlit."""

from pathlib import Path

import pandas  # noqa: F401 - whole before any chart is drawn: plotly would use a half-imported one

ICON = Path(__file__).with_name("icon.png")  # a simulated chest
