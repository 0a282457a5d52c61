"""Normal or pneumonia, on films of children."""

from dataclasses import replace

from xray.train.recipes.recipe import Recipe, Stage
from xray.train.sources import Source

FILMS = Source("data/pneumonia")
TRAINED_ON = "chest films of children, Kermany et al. 2018 (doi:10.17632/rscbjbr9sj)"
WEAKNESSES = (
    "Children of one hospital, aged one to five: nothing is known about adults or other devices.",
    "The films were squeezed to a square, so the model never saw true proportions.",
    "Labels are normal or pneumonia alone: any other disease is forced into one of the two.",
    "On some films the heatmap points at shoulders or abdomen, not at the lungs: what the model "
    "uses is not always the disease.",
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
        "Every film is scaled to mean 0 and deviation 1, and training changes pose, exposure, "
        "resolution and sharpness: in this set films with pneumonia are less sharp than normal ones, "
        "and test films differ from training ones.",
        "Nothing was chosen on test films. They were measured twice: on a trial of this recipe with "
        "other validation patients, and on this model.",
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
        "No pretrained Vision Transformer was at hand: this one (timm's, 256 wide, 6 deep, the mean of its "
        "tokens classified) sees its patches of 16 px through the first layers of a MobileNetV2, trained on "
        "ImageNet. It learned from the labels and from `pneumonia-mobilenet`, whose answers and view of all "
        "places it follows, at 112 px first, which costs a quarter, then at its full size (as DeiT III, "
        "Touvron et al. 2022, arXiv:2204.07118).",
        "Nothing was chosen on test films.",
    ),
    weaknesses=WEAKNESSES,
    regions=("chest",),
    target_sensitivity=0.95,
)

ENSEMBLE = replace(
    MOBILENET,
    name="pneumonia-ensemble",
    title="Pneumonia · both together",
    architecture="",
    target_layer="",
    members=("pneumonia-mobilenet", "pneumonia-vit"),
    stages=(),
    choices=(),
)

PNEUMONIA = (MOBILENET, VIT, ENSEMBLE)
