"""Recipes for fourteen chest findings and No Finding, trained on NIH films."""

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
NIH = Source("nih-chest", own_split=True)
CHILDREN = Source(
    "kermany-pneumonia", rename={"normal": "No Finding"}, known=("Pneumonia", "No Finding"), helper=True
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
    trained_on="1,100 chest films, NIH ChestX-ray14 (Wang et al. 2017)",
    licence="weights AGPL-3.0-or-later; films NIH Clinical Center, free; starting weights Apache-2.0",
    warning="With 1,100 training films, this model is weak. For serious use, choose a public model trained "
    "on 112,000 films or more, such as `xrv-densenet121-nih` (downloaded on request).",
    choices=(
        "The test set is every fifth patient (by a hash of the id) and every patient with a box. The "
        "published split is not used because its test part has almost no films without findings.",
        "The head was trained first on the frozen ImageNet backbone, then the whole network at a low "
        "learning rate. Positive films of a rare finding are weighted by the square root of its "
        "negative-to-positive ratio.",
        "The operating point of a finding is its prevalence in the validation films. For calibrated "
        "probabilities, this maximizes the sum of sensitivity and specificity.",
    ),
    weaknesses=(
        "Labels were extracted from reports automatically; their authors estimate an accuracy above 90%.",
        "Most films without findings come from one collection, so the model can learn the collection instead "
        "of the finding.",
        "Pneumonia is over-represented, and all probabilities are calibrated to this case mix.",
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
        "No pretrained DenseNet121 was available. The network was first distilled from `findings-mobilenet` "
        "(initialized from ImageNet), matching its outputs and its feature maps, on chest films of adults "
        "and children at 128 px; it was then fine-tuned on the labels at 224 px.",
        "The films of children have only two labels (pneumonia, no finding); the other findings are treated "
        "as unknown.",
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
        "The network is timm's aligned Xception with 3/8 of the channels and four middle blocks instead of "
        "eight, to keep the weights small. It was distilled from `findings-mobilenet`, then only the head "
        "was trained, then the whole network was fine-tuned.",
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
        "The 128-channel feature map is pooled to 4 x 4 before the dense layer, which gives 0.6 million "
        "parameters. Without pooling it would have 8.4 million, too many for 1,100 films.",
        *MOBILENET.choices[:1],
        *MOBILENET.choices[2:],
    ),
)

ENSEMBLE = replace(
    MOBILENET,
    name="findings-ensemble",
    title="Chest findings · ensemble",
    architecture="",
    target_layer="",
    members=("findings-densenet121", "findings-xception", "findings-mobilenet"),
    stages=(),
)

CHEST = (DENSENET, XCEPTION, CNN, MOBILENET, ENSEMBLE)
