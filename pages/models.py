"""Models: training data, measured figures, calibration, model card and audit of each model."""

from xray.ui.startup import importing, open_page

open_page(__file__, "Models")
with importing():
    from xray.models.public import is_away
    from xray.models.registry import entries, public_entries
    from xray.ui.common.messages import errors_shown
    from xray.ui.models.view import facts, fetch_panel, model_tabs, model_to_show

with errors_shown():
    entry = model_to_show((*entries(), *public_entries()))
    facts(entry)
    if is_away(entry):
        fetch_panel(entry)
    else:
        model_tabs(entry)
