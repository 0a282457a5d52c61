"""Every model that can be trained here, as facts."""

from xray.train.book.chest import CHEST
from xray.train.book.fracture import FRACTURE
from xray.train.book.gate import GATE
from xray.train.book.pneumonia import PNEUMONIA
from xray.train.book.region import REGION

RECIPES = {recipe.name: recipe for recipe in (*PNEUMONIA, *CHEST, *REGION, *FRACTURE, *GATE)}
