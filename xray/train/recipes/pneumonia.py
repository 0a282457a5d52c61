"""Recipes for normal or pneumonia, trained on chest films of children."""

from dataclasses import replace

from xray.train.recipes.recipe import Recipe, Stage
from xray.train.sources import Source

FILMS = Source("data/pneumonia")
TRAINED_ON = "chest films of children, Kermany et al. 2018 (doi:10.17632/rscbjbr9sj)"
WEAKNESSES = (
    "The films show children aged one to five from one hospital; performance on adults or other devices is "
    "unknown.",
    "The films were resized to squares, so the model has not seen true proportions.",
    "The only labels are normal and pneumonia; any other disease is assigned to one of the two.",
    "On some films the heatmap highlights the shoulders or the abdomen instead of the lungs: the model does "
    "not always use the disease.",
)

MOBILENET = Recipe(
    name="pneumonia-mobilenet",
    title="Pneumonia · MobileNetV2",
    task="pneumonia",
    architecture="mobilenet_v2",
    findings=("Normal", "Pneumonia"),
    sources=(FILMS,),
    init="init/mobilenet_v2_imagenet.safetensors",
    input_size=224,
    normalization="film",
    target_layer="features.18",
    stages=(
        Stage("head", 1, learning_rate=2e-3, weight_decay=1e-4, trainable=("classifier",)),
        Stage("all", 7, learning_rate=5e-4, weight_decay=5e-2, mixup=0.5),
    ),
    trained_on=TRAINED_ON,
    licence="weights AGPL-3.0-or-later; films CC BY 4.0; starting weights Apache-2.0",
    choices=(
        "Every film is scaled to mean 0 and standard deviation 1, and augmentation changes pose, exposure, "
        "resolution and sharpness: in this data set, films with pneumonia are less sharp than normal ones, "
        "and test films differ from training films.",
        "No choice was made on test films. They were evaluated twice: with an earlier run of this recipe "
        "with other validation patients, and with this model.",
    ),
    weaknesses=WEAKNESSES,
    regions=("chest",),
    target_sensitivity=0.95,
    half=False,
)

VIT = Recipe(
    name="pneumonia-vit",
    title="Pneumonia · Vision Transformer",
    task="pneumonia",
    architecture="vit_patch16",
    findings=("Normal", "Pneumonia"),
    sources=(FILMS,),
    init="init/mobilenet_v2_imagenet.safetensors",
    init_into=("features.", "patch_embed.backbone."),
    input_size=224,
    normalization="film",
    target_layer="blocks.5",
    followed_at="blocks.5.norm1",
    stages=(
        Stage("distil", 12, 4e-4, 5e-2, mixup=0.3, teacher=1.0, size=112),
        Stage("fine-tune", 4, 2e-4, 5e-2, mixup=0.3, teacher=1.0),
    ),
    teacher="pneumonia-mobilenet",
    trained_on=TRAINED_ON,
    licence="weights AGPL-3.0-or-later; films CC BY 4.0; starting weights Apache-2.0",
    choices=(
        "No pretrained Vision Transformer was available. This one (timm; width 256, depth 6, mean of the "
        "tokens classified) embeds its 16 px patches with the first layers of a MobileNetV2 trained on "
        "ImageNet. It was trained on the labels and distilled from the outputs and feature maps of "
        "`pneumonia-mobilenet`, first at 112 px, which takes a quarter of the time, then at full size (as in "
        "DeiT III, Touvron et al. 2022, arXiv:2204.07118).",
        "No choice was made on test films.",
    ),
    weaknesses=WEAKNESSES,
    regions=("chest",),
    target_sensitivity=0.95,
)

ENSEMBLE = replace(
    MOBILENET,
    name="pneumonia-ensemble",
    title="Pneumonia · ensemble",
    architecture="",
    target_layer="",
    members=("pneumonia-mobilenet", "pneumonia-vit"),
    stages=(),
    choices=(),
)

PNEUMONIA = (MOBILENET, VIT, ENSEMBLE)
