"""The pages; the only part of xray that imports streamlit."""

from pathlib import Path

ICON = Path(__file__).with_name("icon.png")  # a simulated chest
STYLE = Path(__file__).with_name("page.css")
SIDEBAR = Path(__file__).with_name("sidebar.html")
