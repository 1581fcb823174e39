"""Motion is a pure function of time, keeps things in one piece, and leaves the rest alone."""

import math

import pytest
import torch

from cyclorama.diorama.motion import Bob, Circle, Drift, Sway, at_time
from cyclorama.diorama.solids import Solid

RULES = [Bob(0.2, 4), Sway(12, 5, 0.3), Drift((1.0, 0.0, -0.5), 30), Circle(6, 20, 0.1)]
each_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: type(rule).__name__)


def thing(rule, *, group=3):
    """A hull and a mast off its middle."""
    hull = Solid("box", (4.0, 0.5, 2.0), (2.0, 0.4, 0.7), yaw_deg=20, group=group, motion=rule)
    return hull, Solid("cylinder", (5.0, 2.0, 2.5), (0.1, 2.0, 0.1), group=group, motion=rule)


def apart(solids):
    one, two = solids
    return math.dist(one.centre, two.centre)


@each_rule
@pytest.mark.parametrize("seconds", [0.0, 1.7, 100.0])
def test_a_thing_of_several_solids_stays_in_one_piece(rule, seconds):
    rest, moved = thing(rule), at_time(thing(rule), seconds)
    assert apart(moved) == pytest.approx(apart(rest), abs=1e-9)
    turned = [(after.yaw_deg - before.yaw_deg) for before, after in zip(rest, moved, strict=True)]
    assert turned[0] == pytest.approx(turned[1])


@each_rule
def test_motion_is_smooth_and_a_function_of_time(rule):
    assert rule(3.0) == rule(3.0)
    (here, turn), (there, other) = rule(3.0), rule(3.001)
    assert math.dist(here, there) < 0.01
    assert abs(turn - other) < 0.1


@pytest.mark.parametrize("rule", [RULES[0], RULES[1], RULES[3]], ids=["Bob", "Sway", "Circle"])
def test_periods_repeat(rule):
    (offset, turn), (later, more) = rule(1.3), rule(1.3 + rule.period_s)
    assert later == pytest.approx(offset)
    assert (more - turn) % 360 == pytest.approx(0, abs=1e-6) or (more - turn) % 360 == pytest.approx(360)


def test_a_drift_starts_again_and_stays_on_its_path():
    rule = Drift((2.0, 0.0, 0.0), 10)
    assert rule(5.0)[0] == pytest.approx(rule(0.0)[0])
    assert max(abs(rule(k / 7)[0][0]) for k in range(100)) <= 5


def test_a_circle_heads_where_it_goes():
    rule, step = Circle(6, 20), 1e-4
    for seconds in (0.0, 3.0, 12.0):
        (x0, _, z0), turn = rule(seconds)
        (x1, _, z1), _ = rule(seconds + step)
        bow = Solid("box", (0.0, 0.0, 0.0), (1.0, 1.0, 1.0), yaw_deg=turn).to_world() @ torch.tensor([1.0, 0.0, 0.0])
        going = torch.tensor([x1 - x0, 0.0, z1 - z0])
        assert torch.allclose(going / going.norm(), bow, atol=1e-3)


def test_what_has_no_motion_is_the_same_solid():
    still = Solid("sphere", (0.0, 1.0, 0.0), (1.0, 1.0, 1.0))
    boat = thing(RULES[0])
    after = at_time((still, *boat), 1.0)
    assert after[0] is still
    assert after[1] != boat[0]


def test_solids_of_no_group_turn_about_themselves():
    moved = at_time(thing(Sway(30, 4), group=-1), 1.0)
    assert [solid.centre for solid in moved] == [solid.centre for solid in thing(None)]
    assert moved[0].yaw_deg == pytest.approx(50)
