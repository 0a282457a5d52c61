"""Every model that can be trained here, as facts."""

from xray.train.recipes.chest import CHEST
from xray.train.recipes.fracture import FRACTURE
from xray.train.recipes.gate import GATE
from xray.train.recipes.pneumonia import PNEUMONIA
from xray.train.recipes.region import REGION

RECIPES = {recipe.name: recipe for recipe in (*PNEUMONIA, *CHEST, *REGION, *FRACTURE, *GATE)}
