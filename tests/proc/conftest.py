"""Helpers beside the tests of this folder."""

import os
import sys

import pytest

sys.path.insert(0, os.path.dirname(__file__))


@pytest.fixture
def node(tmp_path):
    """A running node that makes a block as soon as there are transactions."""
    from node_process import NodeProcess

    made = NodeProcess(tmp_path)
    try:
        yield made.start()
    finally:
        made.close()
