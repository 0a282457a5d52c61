"""Fractures of limbs, hips and shoulders, each with its box."""

from xray.models.organ import BONES
from xray.train.recipes import Recipe, Stage
from xray.train.sources import Source

YOLO = Recipe(
    name="fracture-yolov8n",
    title="Fractures · YOLOv8n",
    task="fractures",
    architecture="yolov8n",
    findings=("Fracture",),
    sources=(Source("data/fracture", rename={"fractured": "Fracture"}, known=("Fracture",)),),
    init="init/yolov8n_coco.safetensors",
    input_size=1024,
    normalization="unit",
    fit="letterbox",
    target_layer="model.15",
    activation="sigmoid",
    regions=BONES,
    stages=(Stage("windows", 20, learning_rate=1e-3, weight_decay=5e-4, size=384),),
    trained_on="limbs, hips and shoulders, FracAtlas (Abedeen et al. 2023)",
    licence="weights AGPL-3.0; films CC BY 4.0; starting weights AGPL-3.0 (Ultralytics, COCO)",
    choices=(
        "A fracture is small: films are seen at 1024 px, but learned from in windows of 384 px around every "
        "box and elsewhere, which keep its size at a fifth of the cost (SNIPER, Singh et al. 2018).",
        "Films without a fracture take part in training; films that are nearly the same stay on one side.",
    ),
    weaknesses=("Films of three hospitals of one country.",),
    target_specificity=0.9,
    batch=16,
)

FRACTURE = (YOLO,)
