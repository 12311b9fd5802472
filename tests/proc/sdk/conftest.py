"""The published SDK, installed once from the package registry into a cache outside the tree."""

import fcntl
import json
import os
import shutil
import subprocess

import pytest

PACKAGE = "@internet-of-people/sdk"
VERSION = "5.0.1"
INSTALL_TIMEOUT_S = 300


def cache_folder():
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(base, "iop-tests", f"sdk-{VERSION}")


def is_installed(folder):
    path = os.path.join(folder, "node_modules", *PACKAGE.split("/"), "package.json")
    try:
        with open(path, encoding="utf-8") as file:
            return json.load(file)["version"] == VERSION
    except (OSError, ValueError, KeyError):
        return False


@pytest.fixture(scope="session")
def sdk():
    """The directory whose node_modules holds the SDK; skips by name where something is absent."""
    for tool in ("node", "npm"):
        if shutil.which(tool) is None:
            pytest.skip(f"`{tool}` is not on PATH: the published SDK cannot run here")
    folder = cache_folder()
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, ".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not is_installed(folder):
            install(folder)
    return folder


def install(folder):
    with open(os.path.join(folder, "package.json"), "w") as file:
        file.write('{"private": true}\n')
    command = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--save-exact"]
    try:
        done = subprocess.run(
            [*command, f"{PACKAGE}@{VERSION}"],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=INSTALL_TIMEOUT_S,
        )
    except subprocess.TimeoutExpired:
        pytest.skip(f"npm did not install {PACKAGE}@{VERSION} within {INSTALL_TIMEOUT_S} s")
    if not is_installed(folder):
        reason = (done.stderr.strip().splitlines() or ["no message"])[-1]
        pytest.skip(f"npm cannot install {PACKAGE}@{VERSION} here: {reason}")


@pytest.fixture
def run_node(sdk):
    """Run one of our scripts under Node.js with the SDK; returns the finished process."""

    def run(script, *arguments, given="", timeout_s=120):
        path = os.path.join(os.path.dirname(__file__), script)
        return subprocess.run(
            ["node", path, sdk, *arguments],
            input=given,
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout_s,
            env=os.environ
            | {"NODE_BACKEND": "js"},  # its big number and hash packages without native code
        )

    return run
