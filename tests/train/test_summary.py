"""The tables of README and docs are those of the kept figures."""

import json

from xray.settings import ROOT
from xray.train.recipes import RECIPES
from xray.train.summary import explanations_table, gate_totals, models_table, row, verdicts_table


def test_readme_and_docs_have_the_tables_of_the_kept_figures():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert models_table() in text
    assert explanations_table() in text
    assert gate_totals() in text
    assert verdicts_table() in (ROOT / "docs" / "evidence.md").read_text(encoding="utf-8")


def test_a_row_gives_the_figures_of_every_named_collection():
    kept = json.loads((ROOT / "weights" / "pneumonia-mobilenet.json").read_text())
    cells = row(RECIPES["pneumonia-mobilenet"], kept)
    parts = kept["test"]["sources"]
    assert len(parts) == 2
    for name, part in parts.items():
        assert f"{name} ({part['n']}): AUROC {part['metrics']['auroc']['value']:.3f} (" in cells[2]
    assert cells[0] == "`pneumonia-mobilenet`"
    assert cells[3].startswith(f"{kept['test']['metrics']['ece']['value']:.3f} (")
