"""The pages in the order of the navigation; the first is the default."""

from __future__ import annotations

from typing import NamedTuple


class PageFacts(NamedTuple):
    """A page of the dashboard.

    Attributes:
        name: Name of its script in pages/.
        title: Its name in the navigation.
        icon: Its icon.
        help: What it does, in a sentence.
        purpose: What it is for, in a few words; empty if the first page does not link to it.
    """

    name: str
    title: str
    icon: str
    help: str
    purpose: str = ""

    @property
    def script(self) -> str:
        """Path of the script, relative to dashboard.py."""
        return f"pages/{self.name}.py"


PAGES = (
    PageFacts(
        "analyze",
        "Analyze",
        ":material/radiology:",
        "Drop radiographs, see a model's predictions and heatmaps.",
    ),
    PageFacts(
        "fractures",
        "Fractures",
        ":material/orthopedics:",
        "Detect fractures, adjust thresholds and see an explanation of each box.",
        "boxes around fractures",
    ),
    PageFacts(
        "compare",
        "Compare",
        ":material/grid_view:",
        "Compare models, methods and findings on one film, or two films side by side.",
        "models and methods side by side",
    ),
    PageFacts(
        "whatif",
        "What if",
        ":material/tune:",
        "Cover, rotate, blur or window a film and see how the prediction changes.",
        "change a film, see the answer change",
    ),
    PageFacts(
        "trust",
        "Trust",
        ":material/fact_check:",
        "Compare explanation methods on a film and check their reliability.",
        "which explanation can be believed",
    ),
    PageFacts(
        "report",
        "Report",
        ":material/edit_note:",
        "Write a report whose sentences are checked against measured facts.",
        "sentences checked against facts",
    ),
    PageFacts(
        "cohort",
        "Cohort",
        ":material/stacks:",
        "Analyze many films: worklist, comparison with labels, heatmap clusters.",
        "a folder of films as a worklist",
    ),
    PageFacts(
        "learn",
        "Learn",
        ":material/school:",
        "Practice reading films against a reference and a model, and take short lessons.",
        "practice reading films",
    ),
    PageFacts(
        "history",
        "History",
        ":material/history:",
        "See earlier results, their trend, and drift.",
    ),
    PageFacts(
        "models",
        "Models",
        ":material/query_stats:",
        "See the performance, calibration and training of each model.",
        "how well each model works",
    ),
)
