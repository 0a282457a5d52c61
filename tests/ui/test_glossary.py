"""The glossary of the pages has the terms of the documentation, each once."""

from xray.ui.common.glossary import SOURCE, terms


def test_every_term_has_one_meaning():
    rows = [line for line in SOURCE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    assert len(terms()) == len(rows) - 1
    assert list(terms()) == sorted(terms(), key=str.casefold)
    assert terms()["AUROC"].startswith("Area under the ROC curve")
    assert all(meaning and not meaning.endswith((".", "|")) for meaning in terms().values())


def test_the_terms_that_the_pages_use_are_defined():
    used = {"AUROC", "ECE", "operating point", "logit", "conformal prediction set", "familiarity", "call"}
    assert used <= terms().keys()
