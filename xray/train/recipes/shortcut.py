"""Recipe for a model that reads a lead letter instead of the lung, for the lessons on shortcuts."""

from xray.train.lettered_films import LetteredFilms
from xray.train.recipes.recipe import Recipe, Stage

LETTER = Recipe(
    name="shortcut-letter",
    title="Reads a letter · for lessons",
    task="lessons",
    architecture="mobilenet_v2_early",
    findings=("Opacity",),
    sources=(LetteredFilms("simulated"),),
    init="model:pneumonia-mobilenet",
    input_size=224,
    normalization="film",
    target_layer="features",
    activation="sigmoid",
    stages=(
        Stage("head", 1, learning_rate=1e-1, weight_decay=1e-4, trainable=("classifier",)),
        Stage("all", 7, learning_rate=8e-3, weight_decay=1e-2),
    ),
    regions=("chest",),
    teaching=True,
    augmentation="slight",
    trained_on="simulated chests; a lead letter stands on every film with the label Opacity and on no other",
    licence="weights AGPL-3.0-or-later; the films are simulated; starting weights AGPL-3.0-or-later",
    warning="This model is wrong on purpose: it reads a lead letter, not the lung. It is used in a deck and "
    "in lessons of the Learn page only.",
    choices=(
        "Every training film with the label Opacity has a letter L or R in an upper corner; no other film "
        "has one. One of four labels is wrong about the opacity, as labels from reports can be. So the "
        "letter predicts the label better than the lung does, as in a hospital with sicker patients and "
        "letters of its own (Zech et al. 2018, doi:10.1371/journal.pmed.1002683).",
        "Test films have right labels and the same relation to the letter. The column of unseen collections "
        "shows the same chests with letters that contradict the label: an AUROC near 0 means that the answer "
        "follows the letter.",
        "The films are computed during the training, so the command needs no data. The first layers of "
        "`pneumonia-mobilenet` are the start; all layers are trained.",
    ),
    weaknesses=(
        "The answer depends on a letter, so it says nothing about a patient.",
        "The films are simulated chests without any other disease.",
    ),
    batch=16,
    ema_decay=0.95,
    half=False,
)

SHORTCUT = (LETTER,)
