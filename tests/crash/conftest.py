"""Kill points for the tests of this folder."""

import os
import shutil
import subprocess
import sys

import pytest

sys.path.insert(0, os.path.dirname(__file__))

SOURCE = os.path.join(os.path.dirname(__file__), "killpoint.c")


@pytest.fixture(scope="session")
def killpoint(tmp_path_factory):
    """Path of the preload library that kills a process at its Nth change of a file."""
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler `cc` on PATH: the kill points cannot be built")
    path = str(tmp_path_factory.mktemp("killpoint") / "killpoint.so")
    made = subprocess.run(
        [compiler, "-shared", "-fPIC", "-O1", "-Wall", "-o", path, SOURCE, "-ldl"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    return path
