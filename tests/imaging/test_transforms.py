"""Every transform against another library or hand-computed values, and its affine against moved pixels."""

import io
from functools import partial

import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import gaussian_filter, rotate
from skimage.exposure import adjust_gamma
from skimage.transform import resize

from xray.imaging import transforms
from xray.types import Pixels, Radiograph

HEIGHT, WIDTH = 120, 100


@pytest.fixture(scope="module")
def pixels() -> Pixels:
    """Smooth, with gray values from 0.1 to 0.9."""
    drawn = gaussian_filter(np.random.default_rng(3).random((HEIGHT, WIDTH)), 4)
    return (0.1 + 0.8 * (drawn - drawn.min()) / np.ptp(drawn)).astype(np.float32)


def spot(x: float, y: float) -> Pixels:
    """A small bright Gaussian around a point in pixels."""
    across, down = np.arange(WIDTH) + 0.5 - x, np.arange(HEIGHT)[:, None] + 0.5 - y
    return np.exp(-(across**2 + down**2) / 8).astype(np.float32)


def center_of_mass(pixels: Pixels) -> tuple[float, float]:
    across, down = np.arange(pixels.shape[1]) + 0.5, np.arange(pixels.shape[0]) + 0.5
    return float(pixels.sum(0) @ across / pixels.sum()), float(pixels.sum(1) @ down / pixels.sum())


@pytest.mark.parametrize(
    "change",
    [
        lambda film: transforms.shift(film, 0.1, -0.05),
        lambda film: transforms.shift(film, 0.013, 0.021),
        lambda film: transforms.rotate(film, 20),
        lambda film: transforms.scale(film, 1.2),
        *(partial(transforms.quarter_turn, turns=turns) for turns in range(-1, 4)),
        lambda film: transforms.move(film, degrees=-15, across=0.05, down=-0.1, factor=0.9, fill=0.0),
        lambda film: transforms.blur(film, 0.01),
        lambda film: transforms.resolution(film, 0.5),
    ],
)
def test_the_affine_maps_a_point_to_where_the_pixels_go(change):
    point = (58.0, 52.0)
    changed = change(spot(*point))
    expected = changed.affine.apply(np.array([point]))[0]
    assert center_of_mass(changed.pixels) == pytest.approx(tuple(expected), abs=0.02)


def test_a_delta_is_shifted_by_shares_of_width_and_height():
    film = np.zeros((HEIGHT, WIDTH), np.float32)
    film[40, 30] = 1
    changed = transforms.shift(film, 7 / WIDTH, -3 / HEIGHT).pixels
    assert np.argwhere(changed == 1).tolist() == [[37, 37]]
    assert changed.sum() == 1


@pytest.mark.parametrize("whole", [(7, -3), (-20, 0), (0, 45)])
def test_a_shift_by_whole_pixels_equals_the_interpolated_one(pixels, whole):
    across, down = whole[0] / WIDTH, whole[1] / HEIGHT
    copied, interpolated = (
        change(pixels, across=across, down=down) for change in (transforms.shift, transforms.move)
    )
    assert np.array_equal(copied.pixels, interpolated.pixels)
    assert copied.affine.matrix == pytest.approx(interpolated.affine.matrix)


def test_a_shift_repeats_the_edge(pixels):
    right = transforms.shift(pixels, 0.2, 0).pixels
    assert np.array_equal(right[:, 20:], pixels[:, :-20])
    assert (right[:, :20] == pixels[:, :1]).all()
    up = transforms.shift(pixels, 0, -0.1).pixels
    assert np.array_equal(up[:-12], pixels[12:])
    assert (up[-12:] == pixels[-1:]).all()


@pytest.mark.parametrize("degrees", [-90, -7, 30])
def test_rotation_is_that_of_scipy(pixels, degrees):
    expected = rotate(pixels, degrees, reshape=False, order=1, mode="nearest")
    assert transforms.rotate(pixels, degrees).pixels == pytest.approx(expected, abs=1e-4)


def test_a_fill_is_what_torchvision_draws_outside(pixels):
    torch = pytest.importorskip("torch")
    functional = pytest.importorskip("torchvision.transforms.v2.functional")
    film = torch.from_numpy(pixels)[None, None]
    bilinear = functional.InterpolationMode.BILINEAR
    expected = functional.affine(film, 4, [5, -6], 1.06, [0.0], interpolation=bilinear)[0, 0].numpy()
    changed = transforms.move(pixels, degrees=-4, across=0.05, down=-0.05, factor=1.06, fill=0.0)
    assert changed.pixels == pytest.approx(expected, abs=1e-4)
    assert changed.pixels.min() == 0


def test_a_quarter_turn_is_counterclockwise_and_copies_pixels():
    film = np.array([[0, 0.1, 0.2], [0.3, 0.4, 0.5]], np.float32)
    expected = np.array([[0.2, 0.5], [0.1, 0.4], [0, 0.3]], np.float32)
    assert np.array_equal(transforms.quarter_turn(film, 1).pixels, expected)
    assert np.array_equal(transforms.quarter_turn(film, 4).pixels, film)


def test_gray_values_by_hand():
    film = np.array([[0, 0.25], [0.5, 1]], np.float32)
    assert transforms.invert(film).pixels.ravel().tolist() == [1, 0.75, 0.5, 0]
    assert transforms.brightness(film, 0.3).pixels.ravel() == pytest.approx([0.3, 0.55, 0.8, 1])
    assert transforms.gain(film, 1.5).pixels.ravel() == pytest.approx([0, 0.375, 0.75, 1])
    assert transforms.window(film, 0.5, 0.5).pixels.ravel() == pytest.approx([0, 0, 0.5, 1])


@pytest.mark.parametrize("exponent", [0.8, 1.25])
def test_gamma_is_that_of_scikit_image(pixels, exponent):
    expected = adjust_gamma(pixels, exponent)
    assert transforms.gamma(pixels, exponent).pixels == pytest.approx(expected, abs=1e-6)


def test_blur_is_scipys_gaussian(pixels):
    expected = gaussian_filter(pixels, 0.02 * HEIGHT, mode="mirror")
    assert transforms.blur(pixels, 0.02).pixels == pytest.approx(expected, abs=1e-3)


def test_noise_comes_from_the_generator_with_the_requested_deviation():
    gray = np.full((400, 400), 0.5, np.float32)
    first, again, other = (
        transforms.noise(gray, 0.05, np.random.default_rng(seed)).pixels - gray for seed in (0, 0, 1)
    )
    assert first.std() == pytest.approx(0.05, rel=0.02)
    assert first.mean() == pytest.approx(0, abs=5e-4)
    assert np.array_equal(first, again)
    assert abs(np.corrcoef(first.ravel(), other.ravel())[0, 1]) < 0.02


@pytest.mark.parametrize("quality", [90, 50, 20])
def test_jpeg_is_that_of_pillow(pixels, quality):
    file = io.BytesIO()
    Image.fromarray(np.rint(pixels * 255).astype(np.uint8)).save(file, "JPEG", quality=quality)
    expected = np.asarray(Image.open(file), np.float32)
    assert transforms.jpeg(pixels, quality).pixels * 255 == pytest.approx(expected, abs=1.01)


def test_resolution_leaves_means_over_cells(pixels):
    small = pixels.reshape(HEIGHT // 4, 4, WIDTH // 4, 4).mean((1, 3))
    theirs = resize(small, pixels.shape, order=1, mode="edge", anti_aliasing=False)
    assert transforms.resolution(pixels, 0.25).pixels == pytest.approx(theirs, abs=1e-5)


def test_downsampling_averages_cells_and_adapts_the_spacing(pixels):
    film = transforms.downsampled(Radiograph(pixels.copy(), "film.png", spacing_mm=(0.2, 0.3)), 60)
    assert film.pixels == pytest.approx(pixels.reshape(60, 2, 50, 2).mean((1, 3)), abs=1e-6)
    assert film.spacing_mm == pytest.approx((0.4, 0.6))
    assert transforms.downsample(pixels, 60).affine.apply(np.array([[30.0, 50.0]]))[0].tolist() == [15, 25]
    assert transforms.downsampled(film, 60) is film
