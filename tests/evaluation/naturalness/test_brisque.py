import math
from pathlib import Path

import numpy as np
import pytest
import torch

from cyclorama.evaluation.naturalness.brisque import BrisqueModel, brisque, brisque_features, load_brisque

VECTORS = torch.tensor([[0.5] * 36, [-0.25] * 18 + [0.125] * 18], dtype=torch.float64)
ALPHAS, RHO, GAMMA = (3.5, -1.25), -40.5, 0.05
LOW, HIGH = torch.arange(36, dtype=torch.float64) / 8, torch.arange(36, dtype=torch.float64) / 4 + 1


def write_libsvm(folder: Path) -> tuple[Path, Path]:
    rows = [
        f"{alpha} " + " ".join(f"{i + 1}:{value:.6g}" for i, value in enumerate(vector)) + " "
        for alpha, vector in zip(ALPHAS, VECTORS.tolist(), strict=True)
    ]
    header = f"svm_type epsilon_svr\nkernel_type rbf\ngamma {GAMMA}\nnr_class 2\ntotal_sv 2\nrho {RHO}\nprobA 5.7\nSV\n"
    ranges = [f"{i + 1} {low} {high}" for i, (low, high) in enumerate(zip(LOW.tolist(), HIGH.tolist(), strict=True))]
    (folder / "allmodel").write_text(header + "\n".join(rows) + "\n")
    (folder / "allrange").write_text("x\n-1 1\n" + "\n".join(ranges) + "\n")
    return folder / "allmodel", folder / "allrange"


def write_opencv(folder: Path) -> tuple[Path, Path]:
    """As FileStorage writes them: numbers with a bare point, lists over several lines."""

    def listed(values: list[float]) -> str:
        numbers = [f"{value:.8e}" if value % 1 else f"{value:.0f}." for value in values]
        return "[ " + ",\n          ".join(", ".join(numbers[i : i + 5]) for i in range(0, len(numbers), 5)) + " ]"

    vectors = "\n".join(f"      - {listed(vector)}" for vector in VECTORS.tolist())
    model = (
        "%YAML:1.0\n---\nopencv_ml_svm:\n   format: 3\n   svmType: EPS_SVR\n   kernel:\n      type: RBF\n"
        f"      gamma: {GAMMA:.16e}\n   C: 1024.\n   p: 1.0000000000000001e-01\n   var_count: 36\n   sv_total: 2\n"
        f"   support_vectors:\n{vectors}\n   decision_functions:\n      -\n         sv_count: 2\n"
        f"         rho: {RHO:.16e}\n         alpha: {listed(list(ALPHAS))}\n"
    )
    data = listed([*LOW.tolist(), *HIGH.tolist()])
    ranges = f"%YAML:1.0\n---\nrange: !!opencv-matrix\n   rows: 2\n   cols: 36\n   dt: f\n   data: {data}\n"
    (folder / "model.yml").write_text(model)
    (folder / "range.yml").write_text(ranges)
    return folder / "model.yml", folder / "range.yml"


@pytest.mark.parametrize(("write", "opencv"), [(write_libsvm, False), (write_opencv, True)])
def test_files_hold_the_model_they_were_written_from(write, opencv, tmp_path):
    model = load_brisque(*write(tmp_path))
    torch.testing.assert_close(model.support_vectors, VECTORS)
    torch.testing.assert_close(model.coefficients, torch.tensor(ALPHAS, dtype=torch.float64))
    torch.testing.assert_close(torch.stack([model.low, model.high]), torch.stack([LOW, HIGH]))
    assert (model.offset, model.gamma, model.opencv) == (pytest.approx(RHO), pytest.approx(GAMMA), opencv)


def test_the_prediction_is_the_kernel_expansion_by_hand(tmp_path):
    """At the first support vector, 36 features of which are 0.75 from the second's first half, 0.375 from the rest."""
    model = load_brisque(*write_libsvm(tmp_path))
    features = LOW + (HIGH - LOW) * 0.75  # 0.5 after scaling
    apart = 18 * 0.75**2 + 18 * 0.375**2
    expected = 3.5 - 1.25 * math.exp(-0.05 * apart) + 40.5
    assert model.predict(features).item() == pytest.approx(expected, rel=1e-12)
    assert model.predict(features.expand(2, 3, 36)).shape == (2, 3)


def test_opencv_s_scores_end_at_0_and_100_and_the_authors_do_not(tmp_path):
    parts = (VECTORS, torch.tensor(ALPHAS, dtype=torch.float64))
    far = 1000 * HIGH
    assert BrisqueModel(*parts, -120.0, GAMMA, LOW, HIGH).predict(far).item() == 120
    assert BrisqueModel(*parts, -120.0, GAMMA, LOW, HIGH, opencv=True).predict(far).item() == 100
    assert BrisqueModel(*parts, 7.0, GAMMA, LOW, HIGH, opencv=True).predict(far).item() == 0


def test_a_feature_without_a_range_has_no_say(tmp_path):
    high = HIGH.clone()
    high[0] = LOW[0]
    model = BrisqueModel(VECTORS, torch.tensor(ALPHAS, dtype=torch.float64), RHO, GAMMA, LOW, high)
    features = LOW.clone()
    features[0] = 99
    assert model.predict(features) == model.predict(LOW)


@pytest.mark.parametrize("opencv", [False, True])
def test_features_of_noise_know_its_shape_and_scale(opencv):
    """Contrast-normalised white noise is close to a normal of the deviation that the window leaves."""
    noise = 0.5 + 0.1 * torch.randn(1, 3, 128, 128, generator=torch.Generator().manual_seed(0))[:, :1].expand(
        1, 3, -1, -1
    )
    features = brisque_features(noise, opencv=opencv)[0]
    assert features.shape == (36,)
    assert features[0].item() > 2  # the shape; dividing by the local deviation takes the tails off
    assert features[1].item() == pytest.approx(0.73, abs=0.05)
    assert -0.15 < features[3].item() < 0  # taking the local mean away makes neighbours slightly opposed


def test_features_do_not_change_in_a_mirror_but_for_their_diagonals():
    image = torch.rand(2, 3, 48, 64, generator=torch.Generator().manual_seed(0))
    ours, mirrored = brisque_features(image), brisque_features(image.flip(-1))
    torch.testing.assert_close(ours[:, :10], mirrored[:, :10])
    torch.testing.assert_close(ours[:, 10:14], mirrored[:, 14:18])


def test_the_two_softwares_agree_on_the_large_scale_and_differ_in_the_small():
    image = torch.rand(1, 3, 96, 96, generator=torch.Generator().manual_seed(0))
    live, opencv = brisque_features(image), brisque_features(image, opencv=True)
    torch.testing.assert_close(live[:, :2], opencv[:, :2])
    torch.testing.assert_close(live[:, :18], opencv[:, :18], rtol=0.1, atol=0.05)
    assert (live[:, 18:] - opencv[:, 18:]).abs().max() > 0.05


def test_views_are_averaged(tmp_path):
    model = load_brisque(*write_libsvm(tmp_path))
    views = torch.rand(2, 3, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    each = torch.stack([brisque(views[:, view], model) for view in range(3)], 1)
    torch.testing.assert_close(brisque(views, model), each.mean(1))


@pytest.mark.parametrize("opencv", [False, True])
def test_constant_pictures_have_finite_features(opencv):
    assert brisque_features(torch.full((1, 3, 16, 17), 0.3), opencv=opencv).isfinite().all()


def test_small_pictures_are_refused():
    with pytest.raises(ValueError, match=r"^got pictures of 15x40 for BRISQUE, wanted 16x16 or more"):
        brisque_features(torch.rand(1, 3, 15, 40))


def test_files_that_are_no_such_regression_are_named_in_one_line(tmp_path):
    model, ranges = write_libsvm(tmp_path)
    text = model.read_text()
    for old, new in (("rbf", "linear"), ("total_sv 2", "total_sv 3"), (" 36:", " 37:"), ("SV\n", ""), ("gamma", "g")):
        model.write_text(text.replace(old, new))
        with pytest.raises(ValueError, match=r"^got allmodel and allrange, which are not an epsilon-SVR") as refused:
            load_brisque(model, ranges)
        assert "\n" not in str(refused.value)
    model.write_text(text)
    ranges.write_text("\n".join(ranges.read_text().splitlines()[:-1]))
    with pytest.raises(ValueError, match="which are not an epsilon-SVR"):
        load_brisque(model, ranges)
    yaml, yaml_ranges = write_opencv(tmp_path)
    yaml.write_text(yaml.read_text().replace("alpha", "beta"))
    with pytest.raises(ValueError, match="which are not an epsilon-SVR"):
        load_brisque(yaml, yaml_ranges)
    with pytest.raises(ValueError, match=r"^got missing, which cannot be read as text"):
        load_brisque(tmp_path / "missing", ranges)


def test_opencv_s_own_writer_is_read(tmp_path):
    """FileStorage of this OpenCV writes the ranges; its numbers are single precision."""
    cv2 = pytest.importorskip("cv2")
    model, ranges = write_opencv(tmp_path)
    storage = cv2.FileStorage(str(ranges), cv2.FILE_STORAGE_WRITE)
    storage.write("range", np.stack([LOW, HIGH]).astype(np.float32))
    storage.release()
    loaded = load_brisque(model, ranges)
    torch.testing.assert_close(torch.stack([loaded.low, loaded.high]), torch.stack([LOW, HIGH]))
