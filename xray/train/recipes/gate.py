"""Recipe for the input gate: whether an image is a radiograph that a model supports, in the expected pose."""

from xray.models.gate import INVERTED, SIDEWAYS, UPSIDE_DOWN
from xray.train.recipes.recipe import Recipe, Stage
from xray.train.recipes.region import REGIONS, RENAME
from xray.train.sources import Source

MOBILENET = Recipe(
    name="gate-mobilenet",
    title="Input gate · MobileNetV2",
    task="gate",
    architecture="mobilenet_v2",
    findings=(*REGIONS, SIDEWAYS, UPSIDE_DOWN, INVERTED),
    sources=(
        Source("body-regions", rename=RENAME, known=REGIONS),
        Source("nih-chest", own_split=True, all_are="chest", known=REGIONS, most=900),
        Source("kermany-pneumonia", all_are="chest", known=REGIONS, most=700),
    ),
    init="init/mobilenet_v2_imagenet.safetensors",
    input_size=160,
    normalization="film",
    target_layer="features.18",
    activation="sigmoid",
    posed=True,
    target_specificity=0.99,
    stages=(
        Stage("head", 1, learning_rate=2e-3, weight_decay=1e-4, trainable=("classifier",)),
        Stage("all", 5, learning_rate=6e-4, weight_decay=5e-2),
    ),
    trained_on="limbs, joints and chests of six collections, and CT, MR, photographs and screens",
    licence="weights AGPL-3.0-or-later; films CC BY 4.0, CC BY-SA 4.0, CC0, NIH; start Apache-2.0",
    choices=(
        "Films were rotated by multiples of 90 degrees and inverted in training. Orientation is learned from "
        "chest, pelvis and shoulder films, not from limbs. Only chest films are refused for their "
        "orientation; limbs and joints are accepted at any angle.",
        "`python -m xray gate-figures --json` measures what the gate refuses and accepts.",
    ),
    weaknesses=(
        "Body region and collection are confounded: a film from another device can be taken for another "
        "region.",
        "The class `not an X-ray` was learned from CT, MR, photographs and screens; other images can pass.",
    ),
    coarsest=(0.33, 0.6, 0.9),
    test_share=0.2,
    ema_decay=0.99,
)

GATE = (MOBILENET,)
