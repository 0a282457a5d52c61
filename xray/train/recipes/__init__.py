"""The recipes of all models that can be trained here."""

from xray.errors import InvalidRequest
from xray.train.recipes.chest import CHEST
from xray.train.recipes.fracture import FRACTURE
from xray.train.recipes.gate import GATE
from xray.train.recipes.pneumonia import PNEUMONIA
from xray.train.recipes.recipe import Recipe
from xray.train.recipes.region import REGION
from xray.train.recipes.relabeled import RELABELED
from xray.train.recipes.shortcut import SHORTCUT

RECIPES = {
    recipe.name: recipe for recipe in (*PNEUMONIA, *CHEST, *RELABELED, *REGION, *FRACTURE, *GATE, *SHORTCUT)
}


def recipe(name: str) -> Recipe:
    """Return a recipe by name.

    Raises:
        InvalidRequest: If there is no recipe of this name.
    """
    if name not in RECIPES:
        raise InvalidRequest(f"There is no recipe {name!r}.", hint=f"Known: {', '.join(RECIPES)}.")
    return RECIPES[name]
