import subprocess
import sys

import pytest

import cyclorama.evaluation


def test_every_public_name_is_where_it_is_said_to_be():
    for name in cyclorama.evaluation.__all__:
        assert getattr(cyclorama.evaluation, name) is not None
    assert dir(cyclorama.evaluation) == cyclorama.evaluation.__all__
    assert sorted(cyclorama.evaluation.__all__) == cyclorama.evaluation.__all__
    with pytest.raises(AttributeError, match="it has Interval"):
        cyclorama.evaluation.nothing  # noqa: B018


def test_the_package_itself_loads_no_torch():
    code = "import sys, cyclorama.evaluation; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
