"""Every command once: its group, whether scripts may rely on it (plumbing) or people only (porcelain), how settled it is."""

from __future__ import annotations

from iop.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from iop_cli._command import Command, Noun


@value
class Entry:
    """One command. `module` is in iop_cli; the summary stands in that module's docstring."""

    name: str
    group: str
    layer: str = "plumbing"
    stability: str = "beta"

    @property
    def module(self) -> str:
        """Name of the module in iop_cli."""
        return "iop" if self.name == "iop" else self.name.removeprefix("iop-").replace("-", "_")


GROUPS = {
    "keys": "Keys",
    "data": "Data",
    "identity": "Identity",
    "claims": "Claims",
    "ledger": "Ledger",
    "host": "Host",
}

ENTRIES = (
    Entry("iop-keygen", "keys"),
    Entry("iop-key", "keys"),
    Entry("iop-vault", "keys"),
    Entry("iop-sign", "keys"),
    Entry("iop-verify", "keys"),
    Entry("iop-digest", "data"),
    Entry("iop-conv", "data"),
    Entry("iop-conform", "data"),
    Entry("iop-did", "identity"),
    Entry("iop-proof", "identity"),
    Entry("iop-name", "identity"),
    Entry("iop-claim", "claims"),
    Entry("iop-present", "claims"),
    Entry("iop-tx", "ledger"),
    Entry("iop-board", "ledger"),
    Entry("iop-node", "ledger"),
    Entry("iop-demo", "host", layer="porcelain"),
    Entry("iop", "host", layer="porcelain"),
)


def load(entry: Entry) -> tuple[Command | Noun, str]:
    """The command object of an entry and its module's docstring."""
    import importlib

    module = importlib.import_module(f"iop_cli.{entry.module}")
    return module.command, module.__doc__ or ""
