"""Recipes for normal or pneumonia, trained on chest films of children."""

from dataclasses import replace

from xray.train.nih import ReadFilms
from xray.train.recipes.recipe import Guidance, Recipe, Stage
from xray.train.sources import Source

FILMS = (
    Source("kermany-pneumonia", collection="Kermany, children"),
    ReadFilms("nih-chest", collection="RSNA, adults"),
    ReadFilms("nih-chest-128", collection="RSNA, adults"),
)
GUIDANCE = Guidance(
    into="Normal",
    lesions=(("consolidation", ("Pneumonia",)), ("mass", ("Pneumonia",))),
)
CHILDREN = "chest films of children, Kermany et al. 2018 (doi:10.17632/rscbjbr9sj)"
TRAINED_ON = (
    f"{CHILDREN}, and of adults, NIH ChestX-ray14 (Wang et al. 2017) with the readings and boxes of the RSNA "
    "Pneumonia Detection Challenge (Shih et al. 2019, doi:10.1148/ryai.2019180041)"
)
WEAKNESSES = (
    "The films show children of one hospital and adults of one archive. For adults, pneumonia is an opacity"
    " of a lung that radiologists marked, whatever its cause; performance on other devices is unknown.",
    "The films of children were resized to squares, so the model has not seen their true proportions.",
    "The only labels are normal and pneumonia; any other disease is assigned to one of the two.",
)

MOBILENET = Recipe(
    name="pneumonia-mobilenet",
    title="Pneumonia · MobileNetV2",
    task="pneumonia",
    architecture="mobilenet_v2",
    findings=("Normal", "Pneumonia"),
    sources=FILMS,
    init="init/mobilenet_v2_imagenet.safetensors",
    input_size=224,
    normalization="film",
    target_layer="features.18",
    stages=(
        Stage("head", 1, learning_rate=2e-3, weight_decay=1e-4, trainable=("classifier",), films=1024),
        Stage("all", 8, learning_rate=4e-4, weight_decay=5e-2, films=2048),
        Stage("fine-tune", 4, learning_rate=2e-4, weight_decay=5e-2, films=2560),
    ),
    guidance=GUIDANCE,
    balanced=True,
    coarsest=(0.4, 0.6, 0.9),
    ema_decay=0.98,
    trained_on=TRAINED_ON,
    licence="weights AGPL-3.0-or-later; films CC BY 4.0, NIH and RSNA with attribution; starting weights "
    "Apache-2.0",
    choices=(
        "Every film is scaled to mean 0 and standard deviation 1, and augmentation changes pose, exposure, "
        "resolution and sharpness: in this data set, films with pneumonia are less sharp than normal ones, "
        "and test films differ from training films.",
        "The network was taught where to look: by radiologists' boxes of opacities in adults, and by "
        "opacities that were inserted into a third of the normal films (soft irregular patches and masses; "
        "the disc of the test was not among them). A loss rewards evidence inside these places. A guided "
        "heatmap shows where the model was taught to look; the checks of an explanation show whether the "
        "prediction depends on it.",
        "Random places were hidden on half of the training films under the mean, a blur or noise, so that "
        "checks that hide parts of a film do not show the model an unknown kind of film.",
        "Both findings of both collections were drawn equally often.",
        "The test films of children were evaluated with two earlier recipes. All test films were evaluated "
        "after the stage `all` (AUROC 0.977 for children, 0.990 for adults); the stage `fine-tune` was "
        "added after that, and its epoch was chosen by the validation loss, as everything else on "
        "validation films.",
    ),
    weaknesses=WEAKNESSES,
    regions=("chest",),
    target_sensitivity=0.95,
    half=False,
)

CHILDRENS_VIT = Recipe(
    name="pneumonia-vit-children",
    title="Pneumonia · Vision Transformer, children",
    task="pneumonia",
    architecture="vit_patch16",
    findings=("Normal", "Pneumonia"),
    sources=FILMS[:1],
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
    trained_on=CHILDREN,
    licence="weights AGPL-3.0-or-later; films CC BY 4.0; starting weights Apache-2.0",
    choices=(
        "No pretrained Vision Transformer was available. This one (timm; width 256, depth 6, mean of the "
        "tokens classified) embeds its 16 px patches with the first layers of a MobileNetV2 trained on "
        "ImageNet. It was trained on the labels and distilled from the outputs and feature maps of "
        "`pneumonia-mobilenet`, first at 112 px, which takes a quarter of the time, then at full size (as in "
        "DeiT III, Touvron et al. 2022, arXiv:2204.07118).",
    ),
    weaknesses=(
        "The films show children aged one to five from one hospital; performance on adults or other devices"
        " is unknown.",
        *WEAKNESSES[1:],
    ),
    regions=("chest",),
    target_sensitivity=0.95,
)

BLOCKS = ("pos_embed", "patch_embed.proj", "blocks", "fc_norm", "head")  # all but the first convolutions

VIT = replace(
    MOBILENET,
    name="pneumonia-vit",
    title="Pneumonia · Vision Transformer",
    architecture="vit_patch16",
    init="model:pneumonia-vit-children",
    target_layer=CHILDRENS_VIT.target_layer,
    followed_at=CHILDRENS_VIT.followed_at,
    stages=(
        Stage("blocks", 8, 3e-4, weight_decay=5e-2, trainable=BLOCKS, teacher=1.0, films=2048),
        Stage("fine-tune", 2, 1e-4, weight_decay=5e-2, trainable=BLOCKS, teacher=1.0, films=2048),
    ),
    teacher="pneumonia-mobilenet",
    choices=(
        "No pretrained Vision Transformer was available. This one (timm; width 256, depth 6, mean of the "
        "tokens classified) embeds its 16 px patches with the first layers of a MobileNetV2 trained on "
        "ImageNet. It starts from `pneumonia-vit-children` (not bundled), which was trained on films of "
        "children only. All but these first layers was trained further, with the films of adults, guidance, "
        "and distillation from the outputs and feature maps of `pneumonia-mobilenet`.",
        *MOBILENET.choices[:-1],
        "On the validation films, `pneumonia-vit-children` had an AUROC of 0.875 for adults and 0.992 for "
        "children, this model 0.943 and 0.989, which decided for it. The test films of children were "
        "evaluated with `pneumonia-vit-children` and once with this model, those of adults once.",
    ),
    half=True,
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

PNEUMONIA = (MOBILENET, CHILDRENS_VIT, VIT, ENSEMBLE)
