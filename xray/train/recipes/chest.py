"""Fourteen chest findings and No Finding, on NIH films."""

from dataclasses import replace

from xray.train.recipes.recipe import Recipe, Stage
from xray.train.sources import Source

FINDINGS = (
    "Atelectasis",
    "Cardiomegaly",
    "Consolidation",
    "Edema",
    "Effusion",
    "Emphysema",
    "Fibrosis",
    "Hernia",
    "Infiltration",
    "Mass",
    "Nodule",
    "Pleural thickening",
    "Pneumonia",
    "Pneumothorax",
    "No Finding",
)
NIH = Source("data/chest", own_split=True)
CHILDREN = Source(
    "data/pneumonia", rename={"normal": "No Finding"}, known=("Pneumonia", "No Finding"), helper=True
)

MOBILENET = Recipe(
    name="findings-mobilenet",
    title="Chest findings · MobileNetV2",
    task="chest findings",
    architecture="mobilenet_v2",
    findings=FINDINGS,
    sources=(NIH,),
    init="init/mobilenet_v2_imagenet.safetensors",
    input_size=224,
    normalization="film",
    target_layer="features.18",
    activation="sigmoid",
    regions=("chest",),
    stages=(
        Stage("head", 6, learning_rate=4e-3, weight_decay=1e-2, trainable=("classifier",)),
        Stage("all", 14, learning_rate=2.5e-4, weight_decay=5e-2, mixup=0.7, patience=6),
    ),
    trained_on="1.1k chest films, NIH ChestX-ray14 (Wang et al. 2017)",
    licence="weights AGPL-3.0-or-later; films NIH Clinical Center, free; starting weights Apache-2.0",
    first_line="Trained on 1.1k films, which allow little: for serious use choose a public model trained on "
    "112k and more, such as `xrv-densenet121-nih` (fetched on request).",
    choices=(
        "Every fifth patient (by a hash of the id) and every patient with a box is tested on; the published "
        "split is set aside, since its test part has hardly a film without finding.",
        "The head learned first on the frozen ImageNet network, then all of it at a low rate; a rare finding "
        "weighs as the root of how rare it is.",
        "The operating point of a finding is its share of the validation films: where probabilities are "
        "calibrated, sensitivity and specificity have their highest sum there.",
    ),
    weaknesses=(
        "Labels were mined from reports by program; their makers put them at over 90% right.",
        "Most films without finding come from one collection: a network can learn the collection.",
        "Pneumonia is over-represented and every probability is calibrated to this mixture.",
    ),
    coarsest=(0.6, 0.3),
    test_share=0.2,
    validation_share=0.12,
    ema_decay=0.99,
)

DENSENET = replace(
    MOBILENET,
    name="findings-densenet121",
    title="Chest findings · DenseNet121",
    architecture="densenet121",
    sources=(NIH, CHILDREN),
    init="",
    target_layer="features.norm5",
    stages=(
        Stage(
            "distil", 8, learning_rate=1e-3, weight_decay=2e-2, mixup=0.3, teacher=1.0, size=128, helpers=True
        ),
        Stage("fine-tune", 10, learning_rate=3e-4, weight_decay=5e-2, mixup=0.5, teacher=0.5, patience=4),
    ),
    teacher="findings-mobilenet",
    choices=(
        "No pretrained DenseNet121 was at hand. The network first followed `findings-mobilenet` (which began "
        "from ImageNet) in its answers and in what it sees at every place, on chest films of adults and "
        "children at 128 px, then learned the labels at 224 px.",
        "Of the films of children only their own two labels count (pneumonia, no finding); the other "
        "findings are unknown there.",
        *MOBILENET.choices[:1],
        *MOBILENET.choices[2:],
    ),
)

XCEPTION = replace(
    DENSENET,
    name="findings-xception",
    title="Chest findings · Xception",
    architecture="xception_small",
    input_size=160,
    target_layer="act",
    stages=(
        Stage("distil", 5, 1.5e-3, 2e-2, mixup=0.3, teacher=1.0, size=128, helpers=True),
        Stage("head", 2, 2e-3, 1e-4, trainable=("head",)),
        Stage("fine-tune", 8, 3e-4, 5e-2, mixup=0.5, teacher=0.5, patience=4),
    ),
    ema_decay=0.98,
    choices=(
        "timm's aligned Xception with 3/8 of its channels and four middle blocks in place of eight, so that "
        "all weights of the project stay small; it first followed `findings-mobilenet`, then its base was "
        "frozen while the head learned, then all of it was tuned.",
        *DENSENET.choices[1:],
    ),
)

CNN = replace(
    MOBILENET,
    name="findings-cnn",
    title="Chest findings · custom CNN",
    architecture="cnn",
    init="",
    input_size=128,
    target_layer="features.2",
    stages=(Stage("all", 30, learning_rate=1e-3, weight_decay=5e-2, mixup=0.3, patience=12),),
    choices=(
        "The grid of 128 channels is pooled to 4 x 4 before the dense layer: 0.6 million parameters. "
        "Flattening all of it would take 8.4 million at this size, for a thousand films.",
        *MOBILENET.choices[:1],
        *MOBILENET.choices[2:],
    ),
)

ENSEMBLE = replace(
    MOBILENET,
    name="findings-ensemble",
    title="Chest findings · all together",
    architecture="",
    target_layer="",
    members=("findings-densenet121", "findings-xception", "findings-mobilenet"),
    stages=(),
)

CHEST = (DENSENET, XCEPTION, CNN, MOBILENET, ENSEMBLE)
