"""Cohort: a worklist, comparison with labels, and heatmap clusters of many radiographs."""

from xray.ui.startup import importing, open_page

open_page(__file__, "Analyze many films")
with importing():
    from xray.ui.cohort.opening import opening
    from xray.ui.cohort.session import shown_cohort
    from xray.ui.cohort.view import cohort
    from xray.ui.common.cases import chosen_model
    from xray.ui.common.messages import errors_shown

with errors_shown():
    model = chosen_model()
    shown = shown_cohort()
    if shown is None:
        opening(model)
    else:
        cohort(shown, model)
