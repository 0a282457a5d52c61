"""A method of another package in the menu of the Analyze page."""

import torch

from tests.pages.analyze import menu, opened, sent
from tests.pages.conftest import shown_text
from xray.explain import METHODS
from xray.explain.registry import ExplainRequest, Method, fits_all


def corner(request: ExplainRequest) -> torch.Tensor:
    """Maps with their evidence in the upper left corner of the film."""
    maps = torch.zeros(len(request.findings), 8, 8)
    maps[:, 0, 0] = 1
    return maps


def broken(_request: ExplainRequest) -> torch.Tensor:
    raise KeyError("layer9")


def test_its_map_is_shown_and_its_failure_is_a_sentence_above_the_map_of_grad_cam(chest):
    works = Method("corner", "Corner", "", "one pass", "", corner, True, fits_all, "another")
    fails = Method("broken", "Broken", "", "one pass", "", broken, True, fits_all, "another")
    with METHODS.temporarily("corner", works), METHODS.temporarily("broken", fails):
        page = opened(("chest.png", chest))
        first = sent(page)["map"]["values"]
        menu(page, "Method").set_value("corner").run()
        shown = sent(page)["map"]
        assert (shown["height"], shown["width"]) == (8, 8)
        assert not page.error
        menu(page, "Method").set_value("broken").run()
        assert not page.exception
        assert "Broken of another failed with KeyError: 'layer9'. Choose another method" in shown_text(page)
        assert sent(page)["map"]["values"] == first
