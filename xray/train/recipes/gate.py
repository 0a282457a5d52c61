"""Whether a picture is a film that a model was made for, and lies as that model expects it."""

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
        Source("data/region", rename=RENAME, known=REGIONS),
        Source("data/chest", own_split=True, all_are="chest", known=REGIONS, most=900),
        Source("data/pneumonia", all_are="chest", known=REGIONS, most=700),
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
        "Films were turned by quarter turns and inverted on purpose; chest, pelvis and shoulder films teach "
        "which way is up, limbs do not. Chest films alone are refused for how they lie: limbs and joints are "
        "taken at any angle.",
        "What the gate refuses and lets pass is measured by `python -m xray gate-figures --json`.",
    ),
    weaknesses=(
        "Regions and collections go together: a film of another device may look like another region.",
        "It knows the pictures it was shown as no X-ray: CT, MR, photographs, screens.",
    ),
    coarsest=(0.33, 0.6),
    test_share=0.2,
    ema_decay=0.99,
)

GATE = (MOBILENET,)
