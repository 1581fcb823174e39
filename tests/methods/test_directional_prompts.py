from pathlib import Path

import numpy as np
import pytest

from cyclorama.geometry import rings, rotation_matrix
from cyclorama.methods import directional_prompts
from cyclorama.methods.directional_prompts import DirectedPrompt, mixture, prompts_by_height, read_prompts

UP, AHEAD, DOWN = DirectedPrompt("sky", 90.0), DirectedPrompt("village"), DirectedPrompt("snow", -90.0)
LAKE, LIGHTHOUSE = DirectedPrompt("lake", 0.0, 120.0), DirectedPrompt("lighthouse", -5.0, 30.0, 25.0)


def written(folder: Path, text: str) -> Path:
    path = folder / "prompts.txt"
    path.write_text(text, encoding="utf-8")
    return path


def shares(prompts: list[DirectedPrompt], yaw: float, pitch: float, **options) -> list[float]:
    """What one view is told."""
    return mixture(prompts, rotation_matrix(yaw, pitch)[None], **options)[0].tolist()


def test_the_example_of_the_documentation_is_read(tmp_path):
    assert directional_prompts.__doc__
    example = directional_prompts.__doc__.split("nothing:")[1]
    assert read_prompts(written(tmp_path, example)) == [
        DirectedPrompt("a starry sky", 90),
        DirectedPrompt("a snowy village", 0),
        DirectedPrompt("a frozen lake", 0, 120),
        DirectedPrompt("snow", -90),
        DirectedPrompt("a red lighthouse", -5, 30, 25),
    ]


def test_comments_empty_lines_and_spaces_say_nothing(tmp_path):
    text = "# first\n\n   \n  0 ,  * :  a town: old, and large  \n\t# 0, *: not this\r\n-3.5,-720,1e1:a thing\n"
    wanted = [DirectedPrompt("a town: old, and large", 0), DirectedPrompt("a thing", -3.5, -720, 10)]
    assert read_prompts(written(tmp_path, text)) == wanted


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("a snowy village", "wanted PITCH, YAW: TEXT or PITCH, YAW, SIZE: TEXT"),
        ("0, *:", "wanted PITCH, YAW: TEXT"),
        ("0, *:   ", "wanted PITCH, YAW: TEXT"),
        ("0: a village", "wanted PITCH, YAW: TEXT"),
        ("0, 1, 2, 3: a village", "wanted PITCH, YAW: TEXT"),
        (": a village", "wanted PITCH, YAW: TEXT"),
        ("up, *: a village", "'up, \\*' for the direction"),
        ("*, 0: a village", "'\\*, 0' for the direction"),
        ("0, left: a village", "'0, left' for the direction"),
        ("0, : a village", "'0,' for the direction|'0, ' for the direction"),
        ("0, 0, big: a village", "for the direction"),
        ("nan, *: a village", "wanted a pitch of -90 to 90"),
        ("inf, *: a village", "wanted a pitch of -90 to 90"),
        ("91, *: a village", "wanted a pitch of -90 to 90"),
        ("-90.1, 0: a village", "wanted a pitch of -90 to 90"),
        ("0, nan: a village", "a finite yaw"),
        ("0, -inf: a village", "a finite yaw"),
        ("0, *, 20: a thing", "size 20 at yaw \\*"),
        ("0, 10, 0: a thing", "size 0 at yaw 10"),
        ("0, 10, -5: a thing", "size -5"),
        ("0, 10, nan: a thing", "size nan"),
        ("0, 10, 91: a thing", "size 91"),
    ],
)
def test_a_line_that_cannot_be_read_is_refused_by_its_number_in_one_line(tmp_path, line, message):
    path = written(tmp_path, f"# a comment\n\n0, *: a village\n{line}\n")
    with pytest.raises(ValueError, match=message) as refused:
        read_prompts(path)
    assert str(refused.value).startswith(f"{path}:4: got ")
    assert "\n" not in str(refused.value)


def test_a_file_that_is_missing_or_no_text_is_refused_in_one_line(tmp_path):
    binary = tmp_path / "prompts.bin"
    binary.write_bytes(b"0, *: caf\xe9")
    for path in (tmp_path / "none.txt", tmp_path, binary):
        with pytest.raises(ValueError, match=r"^cannot read .*wanted a text file") as refused:
            read_prompts(path)
        assert str(path) in str(refused.value)
        assert "\n" not in str(refused.value)


@pytest.mark.parametrize("text", ["", "# nothing\n\n", "0, 30, 25: a lighthouse\n-5, 60, 10: a boat\n"])
def test_a_file_without_surroundings_is_refused(tmp_path, text):
    with pytest.raises(ValueError, match="got no prompt for the surroundings") as refused:
        read_prompts(written(tmp_path, text))
    assert "\n" not in str(refused.value)


def test_a_prompt_looks_where_it_says():
    np.testing.assert_array_equal(DirectedPrompt("a", 20, 50).rotation, rotation_matrix(50, 20))
    np.testing.assert_array_equal(DirectedPrompt("a", 20).rotation, rotation_matrix(0, 20))


def test_one_sentence_becomes_three_by_height():
    assert prompts_by_height("a town") == [
        DirectedPrompt("a town"),
        DirectedPrompt("a town, looking up", 90.0),
        DirectedPrompt("a town, looking down", -90.0),
    ]


def test_every_view_is_told_one_whole_prompt_and_nothing_of_the_things():
    prompts, views = [UP, AHEAD, LAKE, LIGHTHOUSE, DOWN], rings({0: 7, 35: 5, -62: 5, 90: 1, -90: 1})
    told = mixture(prompts, views)
    assert told.shape == (19, 5)
    np.testing.assert_allclose(told.sum(1), 1)
    assert (told >= 0).all()
    assert not told[:, 3].any()
    assert ((told == 0) | (told >= 0.05)).all()


def test_a_thing_changes_nothing_of_what_the_others_are_told():
    views = rings({0: 7, 35: 5, -62: 5})
    alone = mixture([UP, AHEAD, DOWN], views)
    np.testing.assert_array_equal(mixture([UP, AHEAD, LIGHTHOUSE, DOWN], views)[:, [0, 1, 3]], alone)


@pytest.mark.parametrize("yaw", [0, 77, -160])
def test_views_are_told_where_they_look(yaw):
    prompts = [AHEAD, UP, DOWN]
    assert shares(prompts, yaw, 0) == [1, 0, 0]
    assert shares(prompts, yaw, 90) == [0, 1, 0]
    assert shares(prompts, yaw, -90) == [0, 0, 1]
    assert shares(prompts, yaw, 45) == pytest.approx([0.5, 0.5, 0])
    higher = shares(prompts, yaw, 50)
    assert higher[1] > higher[0] > 0


def test_the_nearest_is_told_alone_without_softness():
    told = mixture([AHEAD, UP, DOWN], rings({0: 3, 44: 3, 46: 3, -70: 3}), softness_deg=0)
    np.testing.assert_array_equal(told, np.eye(3)[[0, 0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 2]])


def test_more_softness_tells_more():
    assert shares([AHEAD, UP], 0, 40, softness_deg=40)[1] > shares([AHEAD, UP], 0, 40, softness_deg=8)[1] > 0


def test_a_prompt_with_a_yaw_wins_near_its_direction_and_the_ring_far_from_it():
    prompts = [AHEAD, LAKE]
    assert shares(prompts, 120, 0)[1] > 0.95
    assert shares(prompts, 120 + 360, 0)[1] > 0.95
    assert shares(prompts, 140, 0)[1] > 0.7
    assert shares(prompts, 150, 0) == pytest.approx([0.5, 0.5])
    assert shares(prompts, 170, 0)[0] > 0.9
    assert shares(prompts, -60, 0) == [1, 0]


def test_two_prompts_with_yaws_share_the_middle():
    prompts = [DirectedPrompt("left", 0, -40), DirectedPrompt("right", 0, 40)]
    assert shares(prompts, 0, 0) == pytest.approx([0.5, 0.5])
    assert shares(prompts, 180, 0) == pytest.approx([0.5, 0.5])
    assert shares(prompts, -40, 0) == [1, 0]


def test_many_prompts_that_are_equally_near_share_a_view():
    told = shares([DirectedPrompt(f"number {k}", 0, 15.0 * k) for k in range(24)], 0, 90)
    assert told == pytest.approx([1 / 24] * 24)
