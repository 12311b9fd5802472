"""Lets the tests of this folder import `operations_chain`."""

from __future__ import annotations

import os
import sys

sys.path.insert(0, os.path.dirname(__file__))
