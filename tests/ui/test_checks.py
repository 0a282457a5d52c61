"""What a page states before the checks of a map run."""

from dataclasses import replace

import numpy as np
import pytest

from xray.evidence import CHECKS, Limit
from xray.geometry import Affine
from xray.types import Explanation
from xray.ui.common import checks

MAP = Explanation(
    "occlusion", "input", "Mass", np.ones((2, 2), np.float32), Affine.scale(1, 1), (2, 2), "a-model", "0" * 64
)
LIMITED = [question.name for question in CHECKS.values() if question.limited]


@pytest.mark.parametrize(
    ("limited", "finding", "stated"),
    [
        (LIMITED, "Mass", ""),
        ([], "Mass", "for a-model: there will be values, but no verdict, and Deletion"),
        ([name for name in LIMITED if name != "randomization"], "Mass", "Occlusion: Randomization cannot be"),
        (LIMITED, "No Finding", "A map of No Finding gets no verdict"),
    ],
)
def test_missing_limits_are_stated_before_the_checks_run(monkeypatch, limited, finding, stated):
    monkeypatch.setattr(checks, "limits_of", lambda _explanation: dict.fromkeys(limited, Limit(0.0)))
    found = checks.without_limits(replace(MAP, finding=finding))
    assert stated in found
    assert bool(found) == bool(stated)
