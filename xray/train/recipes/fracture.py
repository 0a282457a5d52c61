"""Recipe for the detector of fractures on films of limbs, hips and shoulders."""

from xray.models.organ import BONES
from xray.train.recipes.recipe import Recipe, Stage
from xray.train.sources import Source

YOLO = Recipe(
    name="fracture-yolov8n",
    title="Fractures · YOLOv8n",
    task="fractures",
    architecture="yolov8n",
    findings=("Fracture",),
    sources=(Source("fracatlas", rename={"fractured": "Fracture"}, known=("Fracture",)),),
    init="init/yolov8n_coco.safetensors",
    input_size=768,
    normalization="unit",
    fit="letterbox",
    target_layer="model.15",
    activation="sigmoid",
    regions=BONES,
    stages=(Stage("all layers", 33, learning_rate=1e-3, weight_decay=5e-4),),
    trained_on="limbs, hips and shoulders, FracAtlas (Abedeen et al. 2023)",
    licence="weights AGPL-3.0; films CC BY 4.0; starting weights AGPL-3.0 (Ultralytics, COCO)",
    choices=(
        "Augmentation: rotation, mirroring, scale, brightness and mosaics; the last quarter of the epochs "
        "uses no mosaics.",
        "Close-ups: for every film, parts of it around and beside fractures (and of films without one) in "
        "which a fracture takes 8 to 45% of the side, with other aspect, sharpness and exposure, because "
        "films of other collections show a single joint. Validation films have close-ups too; the checkpoint "
        "was chosen on both.",
        "Films without fractures are used in training. Near-duplicate films are kept in the same split.",
    ),
    weaknesses=("The films come from three hospitals in one country.",),
    close_ups=2,
    target_specificity=0.9,
    batch=16,
)

FRACTURE = (YOLO,)
