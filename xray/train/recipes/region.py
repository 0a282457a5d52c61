"""Recipe for the body region that a radiograph shows."""

from xray.models.gate import NO_XRAY
from xray.models.organ import BONES
from xray.train.recipes.recipe import Recipe, Stage
from xray.train.sources import Source

REGIONS = (*BONES, "chest", *NO_XRAY)
NOT_XRAY = ("not_xray_ct", "not_xray_mri", "not_xray_photo", "not_xray_screen")
RENAME = {"hip_pelvis": "hip and pelvis", "not_xray_head_ct": "head CT slice"} | dict.fromkeys(
    NOT_XRAY, "not an X-ray"
)
BODY = Source(
    "body-regions",
    rename=RENAME,
    elsewhere=(("uci_shoulder_implant", "shoulder"), ("kaggle_head_ct", "head CT slice")),
)

DENSENET = Recipe(
    name="region-densenet121",
    title="Body region · DenseNet121",
    task="body region",
    architecture="densenet121",
    findings=REGIONS,
    sources=(
        BODY,
        Source("nih-chest", own_split=True, all_are="chest", most=500),
        Source("kermany-pneumonia", all_are="chest", elsewhere=(("*", "chest"),), most=300),
    ),
    init="model:findings-densenet121-guided",
    input_size=160,
    normalization="film",
    target_layer="features.norm5",
    stages=(
        Stage("head", 1, learning_rate=1e-3, weight_decay=1e-4, trainable=("classifier",)),
        Stage("all", 9, learning_rate=5e-4, weight_decay=5e-2, mixup=0.3, patience=3),
    ),
    trained_on="MedNIST, FracAtlas (Abedeen et al. 2023), NIH ChestX-ray14 and images that are not X-rays",
    licence="weights AGPL-3.0-or-later; films CC BY 4.0, CC BY-SA 4.0 (MedNIST), CC0, NIH: free",
    choices=(
        "The weights are initialized from `findings-densenet121-guided` (not bundled); the head was trained "
        "first, then the whole network.",
        "Several classes exist at 64 px only. Three of four films were reduced to as little as a third of "
        "the input size in training, so that resolution does not reveal the class; the column of films "
        "shrunk to 64 px measures the effect.",
        "Shoulder films with implants, head CT slices of one collection and chest films of children were not "
        "used in training; they form the column of unseen collections.",
        "Organ view of the original system: bone is a limb, a joint or the pelvis; brain is a head CT slice; "
        "a chest film is heart if `findings-densenet121` reports cardiomegaly at or above its operating "
        "point, otherwise lungs.",
    ),
    weaknesses=(
        "Most classes come from one collection each; hands come from one collection of children's hands at "
        "64 px. FracAtlas labels a hand as upper limb, so full-size hand films may be classified as such.",
        "There are no skull radiographs: `head CT slice` is not a radiograph and exists only to reproduce "
        "the brain class of the original system.",
        "The class `not an X-ray` was learned from CT, MR, photographs and screens; other images can pass.",
        "Collections and licences: MedNIST (CC BY-SA 4.0), FracAtlas (CC BY 4.0), shoulder implants (UCI), "
        "NIH ChestX-ray14 (free), Kermany (CC BY 4.0), head CT (CC0).",
    ),
    shrunk_to=64,
    coarsest=(0.33, 0.75, 0.9),
    test_share=0.2,
    ema_decay=0.98,
)

REGION = (DENSENET,)
