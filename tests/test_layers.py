"""The house rules that can be read off the sources: arrows between storeys, purity, sizes, names, broad excepts.

Imports are read with `ast`, those inside functions too. Blocks under `if TYPE_CHECKING:` may name what must not be loaded at run
time, but their arrows count like all others.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
SOURCES = {
    "iop": ROOT / "lib/iop",
    "iop_cli": ROOT / "cli/iop_cli",
    "iop_cext": ROOT / "cext/iop_cext",
}

# From the ground up; a room may use the rooms of lower storeys, and its own.
STOREYS = (
    ("errors", "value"),
    ("codec", "crypto"),
    ("keys",),
    ("did", "claim"),
    ("ledger", "hydra", "coin"),
    ("mercury", "nat", "network"),
    ("govern", "social", "contract", "job"),
)
# Arrows within a storey: primitives need one another, claims are judged by documents.
SIDEWAYS = {("codec", "crypto"), ("crypto", "codec"), ("claim", "did"), ("value", "errors")}
PURE = tuple(room for storey in STOREYS for room in storey)
# The shell and what stands beside the storeys: which rooms they may use besides themselves.
BESIDE = {
    "store": (*PURE, "io"),
    "io": (*PURE, "store"),
    "daemon": (*PURE, "store", "io"),
    "conform": (*PURE, "daemon"),
}
HOST = {
    "os",
    "socket",
    "time",
    "random",
    "secrets",
    "asyncio",
    "logging",
    "click",
    "rich",
    "requests",
}
EMPTY_NAMES = {
    "utils",
    "util",
    "helpers",
    "helper",
    "common",
    "misc",
    "base",
    "manager",
    "managers",
}
MODULE_LINES = 400
COMMAND_LINES = 150
# Where anything at all may arrive and has to be turned into a status: entry point, supervisors.
CATCHERS = {"iop_cli._run", "iop.daemon.http.dispatch"}


class Module:
    def __init__(self, path: Path, package: str) -> None:
        self.path = path
        parts = [package, *path.relative_to(SOURCES[package]).with_suffix("").parts]
        self.name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        self.text = path.read_text(encoding="utf-8")
        self.tree = ast.parse(self.text)
        self.imports = list(read_imports(self.tree))


def read_imports(tree: ast.Module) -> Iterator[tuple[int, str, bool]]:
    """Line, full dotted name, and whether it is for the type checker only."""
    typed: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            typed.update(id(inner) for child in node.body for inner in ast.walk(child))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name, id(node) in typed
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                source = "." * node.level + (node.module or "")
                yield node.lineno, f"{source}.{alias.name}", id(node) in typed


MODULES = [
    Module(path, package)
    for package, folder in SOURCES.items()
    for path in sorted(folder.rglob("*.py"))
]


def room_of(name: str) -> str | None:
    """The room of a dotted name in the library, `cli` and `cext` for the other packages, None for foreign ones."""
    parts = name.split(".")
    if parts[0] in ("iop_cli", "iop_cext"):
        return parts[0].removeprefix("iop_")
    if parts[0] != "iop":
        return None
    return "iop" if len(parts) < 2 or parts[1] == "__version__" else parts[1]


def may_use(user: str, used: str) -> bool:
    if user in (used, "cli") or used == "iop":
        return True
    if used == "cli":
        return False
    if user == "cext":
        return used in STOREYS[0]
    if used == "cext":
        return True  # kernels are below everything that asks for them
    if user == "iop":
        return False
    if user in BESIDE:
        return used in BESIDE[user]
    if user not in PURE or used not in PURE:
        return False
    return storey_of(used) < storey_of(user) or (user, used) in SIDEWAYS


def storey_of(room: str) -> int:
    return next(number for number, storey in enumerate(STOREYS) if room in storey)


def test_arrows_point_downwards() -> None:
    wrong = []
    for module in MODULES:
        user = str(room_of(module.name))
        for line, name, _ in module.imports:
            used = room_of(name)
            if name.startswith(".") or (used is not None and not may_use(user, used)):
                wrong.append(f"{module.path}:{line} {user} uses {name}")
    assert wrong == []


def test_pure_rooms_do_not_touch_the_host() -> None:
    wrong = [
        f"{module.path}:{line} imports {name}"
        for module in MODULES
        if room_of(module.name) in PURE
        for line, name, typed in module.imports
        if not typed and (name.split(".")[0] in HOST or room_of(name) in (*BESIDE, "cli"))
    ]
    assert wrong == []


def test_every_room_is_on_the_plan() -> None:
    known = {*PURE, *BESIDE, "cli", "cext", "iop"}
    assert [m.name for m in MODULES if room_of(m.name) not in known] == []
    assert [m.name for m in MODULES if EMPTY_NAMES.intersection(m.name.split("."))] == []


def test_packages_hold_a_docstring_and_nothing_else() -> None:
    """The top of a package may hold its version as well."""
    wrong = []
    for module in MODULES:
        if module.path.name == "__init__.py":
            rest = [type(node) for node in module.tree.body[1:]]
            if rest and (module.name not in SOURCES or set(rest) - {ast.ImportFrom, ast.Assign}):
                wrong.append(module.name)
    assert wrong == []


def test_modules_are_short_and_explained() -> None:
    long = []
    for module in MODULES:
        command = module.name.startswith("iop_cli.") and not module.name.startswith("iop_cli._")
        limit = COMMAND_LINES if command else MODULE_LINES
        if module.text.count("\n") > limit:
            long.append(f"{module.path}: {module.text.count(chr(10))} lines, at most {limit}")
    assert long == []
    assert [m.name for m in MODULES if not ast.get_docstring(m.tree)] == []


def test_nobody_catches_everything() -> None:
    """Cleaning up on the way is allowed: a handler whose last word is `raise`."""
    wrong = [
        f"{module.path}:{node.lineno}"
        for module in MODULES
        if module.name not in CATCHERS
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ExceptHandler) and is_broad(node) and not raises_again(node)
    ]
    assert wrong == []


def is_broad(handler: ast.ExceptHandler) -> bool:
    kinds = [] if handler.type is None else list(ast.walk(handler.type))
    names = {kind.id for kind in kinds if isinstance(kind, ast.Name)}
    return handler.type is None or bool(names & {"Exception", "BaseException"})


def raises_again(handler: ast.ExceptHandler) -> bool:
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def test_the_reader_sees_wrong_arrows() -> None:
    """A rule that nothing can break proves nothing."""
    assert not may_use("codec", "keys")
    assert not may_use("did", "claim")
    assert not may_use("ledger", "store")
    assert not may_use("store", "daemon")
    assert not may_use("daemon", "cli")
    assert may_use("claim", "did") and may_use("cli", "daemon") and may_use("conform", "daemon")
    tree = ast.parse(
        "if TYPE_CHECKING:\n    import os\ndef f():\n    from iop.keys import vault\n    import time\n"
    )
    assert sorted(read_imports(tree)) == [
        (2, "os", True),
        (4, "iop.keys.vault", False),
        (5, "time", False),
    ]
    tree = ast.parse(
        "try: f()\nexcept Exception: pass\ntry: f()\nexcept (A, BaseException):\n    g()\n    raise\n"
    )
    handlers = [node for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler)]
    assert [(is_broad(node), raises_again(node)) for node in handlers] == [
        (True, False),
        (True, True),
    ]
