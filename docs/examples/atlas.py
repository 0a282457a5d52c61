"""The places of films in the Atlas of the Cohort page, and how well its first direction separates a finding.

python docs/examples/atlas.py FILMS MODEL FINDING     # FILMS: as for `python -m xray cohort`
"""

import sys

import numpy as np

from xray.cohort import Predictor, run
from xray.cohort.atlas import atlas
from xray.cohort.labels import truths
from xray.cohort.location import located
from xray.models.registry import entry
from xray.pipeline import Request
from xray.train.bootstrap import estimates, resampled
from xray.train.metrics import auroc
from xray.train.targets import targets

films, model, finding = sys.argv[1:]
files, labels = located(films, None)
rows = list(run(files, Predictor(Request(model, None, intervals=False), embeddings=True)))
places = atlas(rows)

known = truths(labels, [rows[number].file for number in places.numbers])
findings = entry(model).findings
label = targets(known, findings)[:, findings.index(finding)]
first = places.places[:, 0]
separation = auroc(first if np.corrcoef(first, label)[0, 1] > 0 else -first, label)
found = estimates({"auroc": separation}, resampled([one.patient for one in known]))["auroc"]

print(f"{len(label)} films, {label.sum():.0f} with {finding}")
print("Shares of the variance: {:.1%}, {:.1%}".format(*places.explained))
print("AUROC of the first direction: {value:.3f} ({low:.3f} to {high:.3f})".format(**found))
