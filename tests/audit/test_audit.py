"""Every audit check on a faulty and a sound model; every value is computed independently."""

import numpy as np
import pytest
import torch

from tests.audit.planted import (
    FAULTS,
    SIDE,
    Fault,
    Planted,
    Unnormalized,
    audited,
    difference,
    failed,
    labels_of,
    plant,
    planted_entry,
    planted_film,
    planted_films,
    sound,
)
from xray.audit import audit, collect, evaluate
from xray.audit.registry import CHECKS
from xray.errors import UnusableData
from xray.io import read_radiograph
from xray.models.classifier import Classifier, load_classifier
from xray.settings import settings
from xray.types import Radiograph


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_planted_fault_fails_the_expected_checks(fault: Fault):
    results = audited(fault.build(), planted_films())
    assert failed(results) == fault.others | {fault.check}


def test_every_check_has_a_planted_fault_and_a_question():
    assert {fault.check for fault in FAULTS} == set(CHECKS)
    for name, check in CHECKS.items():
        assert check.name == name
        assert check.title.endswith("?")
        assert check.meaning.endswith(("fails above.", "fails below."))


@pytest.mark.parametrize("normalization", ["film", "imagenet", "symmetric", "xrv"])
@pytest.mark.parametrize("activation", ["softmax", "sigmoid"])
def test_a_sound_model_passes_every_check(normalization, activation):
    unit = {"film": 0.9, "imagenet": 1.5, "symmetric": 3, "xrv": 3 / 1024}[normalization]
    build = plant(lambda gray: unit * difference(gray), normalization=normalization, activation=activation)
    results = audited(build(), planted_films())
    assert {name for name, result in results.items() if result.verdict != "passed"} == set()


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_verdict_value_and_threshold_agree_and_the_sentence_has_a_number(fault: Fault):
    for result in audited(fault.build(), planted_films()).values():
        if result.value is not None and result.verdict != "cannot be judged":
            below = result.name == "constant-output"
            beyond = result.value < result.threshold if below else result.value > result.threshold
            assert beyond == (result.verdict == "failed")
        assert any(character.isdigit() for character in result.why)
        assert result.why.endswith(".")


def test_without_labels_a_one_sided_folder_is_inconclusive():
    only_bright = planted_films(kinds=(True,))
    assert audited(plant(sound)(), only_bright, labeled=False)["one-answer"].verdict == "cannot be judged"
    assert audited(plant(sound)(), only_bright)["one-answer"].verdict == "cannot be judged"


def test_without_labels_a_bias_on_all_pictures_fails():
    strong, mild = (
        plant(lambda gray: 2.5 + 0.4 * difference(gray)),
        plant(lambda gray: 1.5 + 0.7 * difference(gray)),
    )
    assert audited(strong(), planted_films(), labeled=False)["one-answer"].verdict == "failed"
    assert audited(mild(), planted_films(), labeled=False)["one-answer"].verdict == "cannot be judged"


def test_a_rare_finding_that_is_never_present_is_no_bias():
    """Opacity is labeled in one film of 12 and reported in none: with several findings that is no proof."""
    films = planted_films()
    labels = [frozenset({"Opacity"}) if index == 0 else frozenset() for index in range(len(films))]
    classifier = plant(lambda gray: -4 + difference(gray), activation="sigmoid", thresholds=(0.5, 0.9))()
    results = {result.name: result for result in audit(classifier, films, labels)}
    assert results["one-answer"].verdict == "cannot be judged"


def test_labels_of_other_findings_are_no_labels():
    films = planted_films()
    classifier = plant(lambda gray: 1.5 + 0.7 * difference(gray))()
    results = {one.name: one for one in audit(classifier, films, [frozenset[str]()] * len(films))}
    assert results["one-answer"].verdict == "cannot be judged"


def test_four_films_with_the_same_prediction_fail_regardless_of_blank_pictures():
    films = planted_films(n=4)
    result = audited(plant(lambda gray: (difference(gray).abs() > 1).float())(), films)["constant-output"]
    assert result.verdict == "failed"
    assert "blank and noise pictures are predicted differently" in result.why


def test_few_films_are_not_judged_by_their_shares():
    results = audited(plant(sound)(), planted_films(n=3))
    unjudged = {name for name, result in results.items() if result.verdict == "cannot be judged"}
    assert unjudged == {"one-answer", "overconfident", "jpeg", "one-pixel-shift", "brightness"}
    assert "3 answered films are too few; it takes 8." in results["one-answer"].why


def test_one_film_and_blank_pictures_suffice_to_detect_a_constant_output():
    film = planted_films(n=1)
    constant = plant(lambda gray: difference(gray) * 0 + 0.7)
    assert audited(constant(), film)["constant-output"].verdict == "failed"
    assert audited(plant(sound)(), film)["constant-output"].verdict == "cannot be judged"


def test_an_offset_that_softmax_ignores_is_no_answer():
    class Offset(Planted):
        def forward(self, films):
            return (
                films.mean((1, 2, 3), keepdim=True)[:, :, 0, 0].expand(-1, 2)
                + difference(films[:, 0])[:, None]
            )

    result = audited(Classifier(planted_entry(), Offset(sound)), planted_films())["constant-output"]
    assert result.value == pytest.approx(0, abs=1e-6)
    assert result.verdict == "failed"


def test_the_same_film_twice_is_one_film():
    film = planted_film(0, True)
    assert audited(plant(sound)(), [film] * 12)["overconfident"].verdict == "cannot be judged"
    assert (
        audited(plant(sound)(), [film, film, planted_film(1, False)])["input-identical"].verdict == "passed"
    )


def test_blank_films_are_not_a_fault_of_the_preprocessing():
    blank = [Radiograph(np.full((SIDE, SIDE), gray, np.float32), "blank.png") for gray in (0.4, 0.6)]
    assert failed(audited(plant(sound)(), [*planted_films(), *blank])) == set()


def test_as_many_labels_as_films_are_expected():
    with pytest.raises(ValueError, match="shorter"):
        audit(plant(sound)(), planted_films(), [frozenset({"Normal"})])


def test_the_shares_of_confidence_are_counted_by_hand():
    """Log-odds are +-5 for 6 of 12 films and small for the others: half of them beyond 98%."""
    seen = iter([5.0, 0.5] * 6)
    films = planted_films()
    values = {film.sha256: next(seen) for film in films}

    class Table(Classifier):
        def logits(self, radiograph):
            odds = values.get(radiograph.sha256, 0.0)
            return torch.tensor([[-odds / 2, odds / 2]])

    result = audited(Table(planted_entry(), Planted(sound)), films)["overconfident"]
    assert result.value == 0.5
    median = (1 / (1 + np.exp(-5)) + 1 / (1 + np.exp(-0.5))) / 2
    assert f"{median:.1%}" in result.why


def test_no_film_is_a_sentence():
    with pytest.raises(UnusableData, match="There is no film"):
        audit(plant(sound)(), [])


def test_asking_film_by_film_gives_the_same_results():
    films = planted_films()
    classifier = plant(sound)()
    predictions = [
        collect(classifier, film, known) for film, known in zip(films, labels_of(films), strict=True)
    ]
    assert evaluate(classifier, predictions) == audit(classifier, films, labels_of(films))


@pytest.fixture(scope="module")
def kermany() -> dict[str, list[Radiograph]]:
    folder = settings().training_data / "data" / "pneumonia" / "test"
    found = {kind: sorted(folder.glob(f"{kind}/*"))[:240:30] for kind in ("NORMAL", "PNEUMONIA")}
    if any(len(paths) < 8 for paths in found.values()):
        pytest.skip("the pneumonia films are not at hand (XRAY_TRAINING_DATA)")
    return {
        kind: [read_radiograph(path.read_bytes(), path.name) for path in paths]
        for kind, paths in found.items()
    }


@pytest.mark.slow
def test_the_bundled_model_passes_every_check_on_real_films(kermany):
    films = [*kermany["NORMAL"], *kermany["PNEUMONIA"]]
    labels = [frozenset({"Normal"})] * 8 + [frozenset({"Pneumonia"})] * 8
    results = audit(load_classifier("pneumonia-mobilenet"), films, labels)
    assert {result.name: result.verdict for result in results} == dict.fromkeys(CHECKS, "passed")


@pytest.mark.slow
def test_a_folder_of_one_class_does_not_fail_the_bundled_model_for_bias(kermany):
    model = load_classifier("pneumonia-mobilenet")
    films = [
        film
        for film in kermany["PNEUMONIA"]
        if model.predict(film, intervals=False).most_likely == "Pneumonia"
    ]
    films.append(Radiograph(films[0].pixels[8:-8, 8:-8].copy(), "cropped.jpg"))  # the check needs eight
    results = audited(model, films, labeled=False)
    assert results["one-answer"].value == 1.0
    assert results["one-answer"].verdict == "cannot be judged"


@pytest.mark.slow
def test_known_faults_of_the_bundled_networks_are_detected_on_real_films(kermany):
    sound_one = load_classifier("pneumonia-mobilenet")
    films = kermany["NORMAL"][:4] + kermany["PNEUMONIA"][:4]
    sure = sound_one.entry.model_copy(update={"scale": (60.0, 60.0)})
    assert "overconfident" in failed(audited(Classifier(sure, sound_one.module), films, labeled=False))
    careless = Unnormalized(sound_one.entry, sound_one.module)
    assert "input-range" in failed(audited(careless, films, labeled=False))
