"""Parts that several pages share."""

import pandas  # noqa: F401 - imported before any chart: plotly fails on a pandas that another thread is importing
