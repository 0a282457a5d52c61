"""Rows of films with known evidence, as evidence.measurement returns them, with values that are counted."""

from xray.evidence.meaningless import KINDS


def row(number: int) -> dict:
    """A film: true maps have 1000 and more, kind k has k + film, but one map of another film is left out.

    The effect of meaningless maps is ten times their difference. Every third lesion is a disc; on the first
    film the method misses it.
    """
    rest = {"insertion": 0, "road": 0, "agreement": 0}
    values = {
        kind: rest | {"deletion": k + number, "difference": k + number, "effect": 10 * (k + number)}
        for k, kind in enumerate(KINDS)
        if (kind, number) != ("other film", 7)
    }
    true = rest | dict.fromkeys(("deletion", "difference", "effect"), 1000 + number)
    values |= {"lesion": true} | ({"map": true} if number else {})
    by_method = {"gradcam": (bool(number), 0.2), "layercam": (number < 50, 0.1 if number < 50 else 0.8)}
    by_method["eigencam"] = (number < 5, 0.1 if number < 5 else 0.6)
    return {
        "lesion": "mass" if number % 3 else "disc",
        "maps": values,
        "methods": {
            name: {"hit": hit, "randomization": value, "randomization, randomized network": 0.9}
            for name, (hit, value) in by_method.items()
        },
        "random maps": {"stability": [number / 100]},
        "shortcut": number / 10,
    }


ROWS = [row(number) for number in range(101)]
IGNORES = {"hit": True, "randomization": 0.9, "randomization, randomized network": 0.9}
