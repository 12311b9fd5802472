"""Keys on this machine as records: what the data directory holds, and what is in clear in one file."""

from __future__ import annotations

from iop.errors import IopError
from iop.io.key_record import describe_public
from iop.io.keyring import compute_named_path, list_names, read_holder, split_key
from iop.io.report import printable
from iop.keys.keyfile import KeyFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from iop.codec.json import Json
    from iop.keys.vault_record import HydraPlugin, MorpheusPlugin, Vault


def list_holders(
    kinds: Sequence[str], tell: Callable[[IopError], None]
) -> Iterator[dict[str, Json]]:
    """A record of every key file or vault in the data directory, sealed ones too: only what is in clear.

    `holder` says which of the two a record is of. A file that cannot be read is an `iop.error/1` in its place, and told.
    """
    for kind in kinds:
        for name in list_names(kind):
            path = compute_named_path(kind, name)
            place: dict[str, Json] = {"holder": kind, "name": name, "file": printable(path)}
            try:
                yield describe_holder(read_holder(path), **place)
            except IopError as error:
                tell(error)
                code: dict[str, Json] = {"type": "iop.error/1", "code": error.code}
                yield code | {"exit": error.exit, "message": error.message} | place


def list_words(kinds: Sequence[str]) -> Iterator[str]:
    """What to type after --key for each of them: its name, or the path of a vault whose name a key file has too."""
    taken: set[str] = set()
    for kind in kinds:
        names = list_names(kind)
        for name in names:
            yield compute_named_path(kind, name) if name in taken else name
        taken.update(names)


def show_file(key: str) -> dict[str, Json] | None:
    """The clear part of a key file that is named without selector; None for a vault, and for a key by its selector."""
    path, selector = split_key(key)
    holder = None if selector else read_holder(path)
    return describe_holder(holder, file=printable(path)) if isinstance(holder, KeyFile) else None


def describe_holder(holder: KeyFile | Vault, /, **more: Json) -> dict[str, Json]:
    """The clear part of a key file (`iop.key/1`) or vault (`iop.vault/1`)."""
    if isinstance(holder, KeyFile):
        facts: dict[str, Json] = {
            "kind": holder.kind,
            "created": holder.created,
            "encrypted": holder.encryption is not None,
        }
        if holder.label:
            facts["label"] = holder.label
        return describe_public(holder.public, **(more | facts))
    return (
        {"type": "iop.vault/1"}
        | more
        | {"plugins": [_describe_plugin(plugin) for plugin in holder.plugins]}
    )


def _describe_plugin(plugin: MorpheusPlugin | HydraPlugin) -> Json:
    from iop.keys.morpheus import KINDS
    from iop.keys.vault_record import MorpheusPlugin

    if isinstance(plugin, MorpheusPlugin):
        counts: dict[str, Json] = {f"{kind}s": len(plugin.keys_of(kind)) for kind in KINDS}
        return {"plugin": "Morpheus"} | counts
    return {
        "plugin": "Hydra",
        "network": plugin.network,
        "account": plugin.account,
        "receiveKeys": plugin.receive_keys,
        "xpub": plugin.xpub,
    }
