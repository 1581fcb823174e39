import pytest

pytest.importorskip("trimesh")
