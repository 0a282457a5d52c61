"""Kinds of refusals by the input gate, with their sentences and hints."""

from typing import Final

from xray.types import GateKind

GATE = "gate-mobilenet"
NOT_XRAY: Final = "not an X-ray"
SIDEWAYS: Final = "sideways"
UPSIDE_DOWN: Final = "upside down"
INVERTED: Final = "inverted"
POSES = (SIDEWAYS, UPSIDE_DOWN, INVERTED)
UPRIGHT = ("chest",)  # regions with a fixed orientation; limbs and joints are taken at any angle
NO_XRAY = ("head CT slice", NOT_XRAY)  # without a known orientation
SHORTEST_SIDE = 48  # px; teaching films have 64 px
LONGEST = 4  # times the short side; films of whole legs or spines have about 3

REFUSALS: dict[GateKind, tuple[str, str]] = {
    "another modality": (
        "The header names the modality {modality}, so this is not a radiograph.",
        "Use a plain radiograph.",
    ),
    "too small": (
        "This film is only {columns} x {rows} px.",
        f"Use a film with at least {SHORTEST_SIDE} px on its short side.",
    ),
    "too narrow": (
        "This film has {columns} x {rows} px: one side is more than "
        f"{LONGEST} times as long as the other.",
        "Use the whole film with its own proportions.",
    ),
    "low contrast": (
        "This film has hardly any contrast.",
        "Export it again with a suitable window.",
    ),
    "colored": (
        "This picture is colored; radiographs are gray.",
        "Use the radiograph itself, not a photograph or a heatmap.",
    ),
    "partly colored": (
        "Parts of this picture are colored, as in a photograph or under a heatmap; radiographs are gray.",
        "Use the radiograph itself without an overlay.",
    ),
    "framed": (
        "This picture has a frame, such as that of a window on a screen.",
        "Export the film itself instead of a screenshot, or crop the frame.",
    ),
    "not an X-ray": (
        "This does not look like a radiograph.",
        "Use the radiograph itself, not a page, a photograph or another scan.",
    ),
    "another region": (
        "This looks like {seen}; {title} was trained on {regions} films.",
        "Choose a model for this region.",
    ),
    "sideways": ("This film seems to lie on its side.", "Turn it upright."),
    "upside down": ("This film seems to be upside down.", "Turn it by 180 degrees."),
    "inverted": (
        "This film seems to be inverted: dense tissue is dark.",
        "Invert its gray values, so that bright is dense.",
    ),
    "unfamiliar": (
        "This image is unlike the {regions} films that the input gate was trained on.",
        "Use a plain radiograph of this region, not another kind of picture.",
    ),
}


def with_article(name: str) -> str:
    """Put the indefinite article before a name."""
    return f"{'an' if name[:1] in 'aeiou' else 'a'} {name}"
