"""Checks and perturbation methods on a chest phantom, compared with Quantus, captum and pytorch-grad-cam.

All run on the same network, film and steps in one process; the differences of their values are reported too.

pip install --no-deps quantus cachetools
python -m benchmarks.evidence --json
"""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from captum.attr import Occlusion
from pytorch_grad_cam import AblationCAM, GradCAM, ScoreCAM
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget
from torch import Tensor, nn

from benchmarks.timing import main, medians
from xray.evidence import CheckContext, check_context, checks
from xray.evidence.deletion_insertion import SHARES, curve
from xray.evidence.measures import rank_correlation
from xray.evidence.weight_randomization import randomized
from xray.explain import METHODS, explain
from xray.explain.perturbed import mean_gray
from xray.imaging.phantom import chest_phantom
from xray.models.classifier import load_classifier

MODEL, FINDING = "pneumonia-mobilenet", 0


class Gray(nn.Module):
    """Repeat one channel three times, so that Quantus hides a pixel in all channels."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, films: Tensor) -> Tensor:
        return self.network(films.expand(-1, 3, -1, -1))


STEPS = 16  # of Quantus; ours measures those of SHARES
LAYERS = 8  # randomized one after another, from the output


def measure(rounds: int, warmup: int) -> dict[str, float]:
    """Return medians in milliseconds, ratios to the references, and the largest differences of the values."""
    import quantus
    from quantus.functions.similarity_func import correlation_spearman
    from quantus.helpers.model.pytorch_model import PyTorchModel

    warnings.filterwarnings("ignore")
    classifier = load_classifier(MODEL)
    radiograph = chest_phantom(2, finding=True, size=(224, 224)).radiograph
    gradcam, name = METHODS["gradcam"], classifier.entry.findings[FINDING]

    def context_of() -> CheckContext:
        (explanation,) = explain(classifier, radiograph, gradcam, [name])[1]
        return check_context(classifier, radiograph, explanation)

    context = context_of()
    film, candidate = context.film.radiograph, context.candidate
    batch = classifier.prepare(film)[0]
    network = copy.deepcopy(classifier.module).requires_grad_(True)
    layer = network.get_submodule(classifier.entry.target_layer)
    films, attributions = batch[:, :1].numpy().copy(), candidate.map[None, None].copy()
    side, chosen = batch.shape[2], np.array([FINDING])
    gray = Gray(network).eval()
    flipping = quantus.PixelFlipping(
        features_in_step=films.size // STEPS,
        perturb_baseline=float(batch.mean()),
        normalise=False,
        disable_warnings=True,
    )
    wrapped = PyTorchModel(network, channel_first=True)

    def our_deletion() -> np.ndarray:
        return curve(context, candidate.map, hiding=True)

    def our_deletion_of_all_steps() -> np.ndarray:
        shares = [step / STEPS for step in range(1, STEPS + 1)]
        return curve(context, candidate.map, hiding=True, shares=shares)

    def their_deletion() -> Any:
        return flipping(gray, films, chosen, attributions, softmax=False, device="cpu")

    def our_randomization() -> list[float]:
        names = [layer for layer in classifier.module.modules() if hasattr(layer, "reset_parameters")]
        models = (randomized(classifier, (step + 1) / len(names)) for step in range(LAYERS))
        return [rank_correlation(candidate.map, candidate.remake(model, film)) for model in models]

    def their_randomization() -> list[float]:
        correlations = []
        randomized_layers = wrapped.get_random_layer_generator("top_down", 42)
        for _, (_, module) in zip(range(LAYERS), randomized_layers, strict=False):
            target = module.get_submodule(classifier.entry.target_layer)
            with GradCAM(module, [target]) as cam:
                values = cam(batch, [ClassifierOutputTarget(FINDING)])
            correlations.append(float(correlation_spearman(attributions.ravel(), values.ravel())))
        return correlations

    def our_occlusion() -> Any:
        return explain(classifier, film, METHODS["occlusion"], [name])[1][0].raw_map

    def their_occlusion() -> Any:
        window, step = side // 8, side // 16
        return Occlusion(network).attribute(
            batch,
            sliding_window_shapes=(3, window, window),
            strides=(3, step, step),
            baselines=mean_gray(batch).expand_as(batch),
            target=FINDING,
        )[0, 0]

    def our_ablation() -> Any:
        return explain(classifier, film, METHODS["ablationcam"], [name])[1][0].raw_map

    def their_ablation() -> Any:
        with AblationCAM(network, [layer]) as cam:
            return cam(batch, [ClassifierOutputTarget(FINDING)])

    def our_scorecam() -> Any:
        return explain(classifier, film, METHODS["scorecam"], [name])[1][0].raw_map

    def their_scorecam() -> Any:
        with ScoreCAM(network, [layer]) as cam:
            return cam(batch, [ClassifierOutputTarget(FINDING)])

    timed: dict[str, Callable[[], object]] = {
        "deletion": our_deletion,
        "deletion_quantus": their_deletion,
        "16-steps": our_deletion_of_all_steps,
        "randomization": our_randomization,
        "randomization_quantus": their_randomization,
        "occlusion": our_occlusion,
        "occlusion_captum": their_occlusion,
        "ablationcam": our_ablation,
        "ablationcam_library": their_ablation,
        "scorecam": our_scorecam,
        "scorecam_library": their_scorecam,
        "trust_card": lambda: list(checks(context_of())),
    }
    figures = {f"{key}_ms": value for key, value in medians(timed, rounds, warmup).items()}
    ratios = {
        f"{theirs}_to_ours": figures[f"{theirs}_ms"] / figures[f"{theirs.split('_')[0]}_ms"]
        for theirs in timed
        if "_" in theirs and theirs != "trust_card"
    }
    ratios["deletion_quantus_to_16-steps"] = figures["deletion_quantus_ms"] / figures["16-steps_ms"]
    scale = classifier.entry.scaling[0][FINDING]
    same_steps = [round(share * STEPS) - 1 for share in SHARES]
    differences = {
        "deletion_difference": float(
            np.abs(our_deletion()[1:] / scale - np.ravel(their_deletion())[same_steps]).max()
        ),
        "occlusion_difference": float(np.abs(our_occlusion() - their_occlusion().numpy()).max()),
    }
    return figures | ratios | differences


if __name__ == "__main__":
    main(measure, __doc__, rounds=3, warmup=1)
