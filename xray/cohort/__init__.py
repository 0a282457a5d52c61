"""Many films at once: sources, engines, results, and comparisons with labels."""

from xray.cohort.engine import run
from xray.cohort.job import Job
from xray.cohort.predictor import Predictor
from xray.cohort.row import Row
from xray.cohort.source import File, films_of, folder

__all__ = ["File", "Job", "Predictor", "Row", "films_of", "folder", "run"]
