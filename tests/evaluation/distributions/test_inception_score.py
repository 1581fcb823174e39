import pytest
import torch

from cyclorama.evaluation.distributions import inception_score


def probabilities(num: int, num_classes: int) -> torch.Tensor:
    draw = torch.Generator().manual_seed(0)
    return (3 * torch.randn(num, num_classes, generator=draw, dtype=torch.float64)).softmax(1)


@pytest.mark.parametrize("num_classes", [1, 2, 10])
def test_balanced_certain_classes_score_their_number(num_classes: int):
    assert inception_score(torch.eye(num_classes).repeat(4, 1)) == pytest.approx(num_classes, rel=1e-12)


def test_pictures_that_look_alike_score_one():
    assert inception_score(torch.full((7, 5), 0.2)) == pytest.approx(1, abs=1e-7)
    assert inception_score(torch.eye(5)[:1].repeat(9, 1)) == 1


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("num_splits", [1, 4])
def test_equals_the_arithmetic_of_torchmetrics(num_splits: int):
    inception = pytest.importorskip("torchmetrics.image.inception")
    found = probabilities(64, 6)
    theirs = inception.InceptionScore(splits=num_splits, feature=torch.nn.Identity())
    theirs.features = [found.log()]
    torch.manual_seed(3)
    mean = theirs.compute()[0].item()
    torch.manual_seed(3)
    assert inception_score(found[torch.randperm(64)], num_splits=num_splits) == pytest.approx(mean, rel=1e-10)


def test_splits_of_the_same_pictures_score_the_same():
    found = probabilities(16, 6)
    assert inception_score(found.repeat(3, 1), num_splits=3) == pytest.approx(inception_score(found), rel=1e-12)


def test_one_line_says_what_is_wrong():
    with pytest.raises(ValueError, match="apply a softmax first"):
        inception_score(torch.ones(4, 3))
    with pytest.raises(ValueError, match="apply a softmax first"):
        inception_score(torch.tensor([[1.5, -0.5]]))
    with pytest.raises(ValueError, match="got 5 splits of 4 pictures"):
        inception_score(torch.eye(4), num_splits=5)
