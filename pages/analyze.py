"""Analyze: predictions of a model for a radiograph, heatmaps, and checks of the heatmaps."""

from xray.ui.startup import importing, open_page

open_page(__file__, "Analyze a radiograph")
with importing():
    from xray.ui.analyze.welcome import welcome
    from xray.ui.common.films import chosen_film, opened_films
    from xray.ui.common.messages import errors_shown

with errors_shown():
    films = opened_films(
        "analyze",
        "Drop films (DICOM, PNG, JPEG, TIFF, BMP or WebP) or choose a sample. "
        "Films stay on the computer that runs this page.",
    )
    if not films:
        welcome()
    with importing():  # torch; the examples show before
        from xray.ui.analyze.view import results
        from xray.ui.common.cases import chosen_model
        from xray.ui.common.waiting import analyzed
    model = chosen_model()
    if films:
        case, place = analyzed(chosen_film(films), model.id)
        with place:
            results(case)
