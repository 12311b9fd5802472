"""Vault files as records: what is in one, and reading it with the original's verdicts and texts (morpheus 5).

The original reads with a Rust deserialiser whose texts name the first fault it meets: members come in the order of their names,
faults of types before missing members. Unknown members are let through and are not kept.
"""

from __future__ import annotations

from iop.errors import LimitError, SchemaError
from iop.keys.morpheus import KINDS
from iop.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from iop.codec.json import Json

PLUGIN_LIMIT = 256
_I32 = (-(1 << 31), (1 << 31) - 1)
_U32 = (0, (1 << 32) - 1)


@value
class MorpheusPlugin:
    """The public keys of identities as texts, by kind and index, without gaps; not checked until they are used."""

    personas: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()

    def keys_of(self, kind: str) -> tuple[str, ...]:
        """The public keys of one kind."""
        found: tuple[str, ...] = getattr(self, f"{kind}s")
        return found


@value
class HydraPlugin:
    """One coin account: its xpub, and how many receiving keys are in use. `change_keys` is kept but never raised."""

    network: str
    account: int
    xpub: str
    receive_keys: int = 1
    change_keys: int = 0


@value
class Vault:
    """A vault file: the sealed seed as text, the plugins in order, and whether something changed since it was saved."""

    encrypted_seed: str
    plugins: tuple[MorpheusPlugin | HydraPlugin, ...] = ()
    dirty: bool = False


def to_record(vault: Vault) -> dict[str, Json]:
    """The vault as the original writes it, members in its order; empty lists are left out."""
    return {
        "encryptedSeed": vault.encrypted_seed,
        "plugins": [_write_plugin(plugin) for plugin in vault.plugins],
    }


def _write_plugin(plugin: MorpheusPlugin | HydraPlugin) -> Json:
    if isinstance(plugin, MorpheusPlugin):
        lists: dict[str, Json] = {
            f"{kind}s": list(plugin.keys_of(kind)) for kind in KINDS if plugin.keys_of(kind)
        }
        return {"pluginName": "Morpheus", "parameters": {}, "publicState": lists}
    state: dict[str, Json] = {
        "xpub": plugin.xpub,
        "receiveKeys": plugin.receive_keys,
        "changeKeys": plugin.change_keys,
    }
    parameters: dict[str, Json] = {"network": plugin.network, "account": plugin.account}
    return {"pluginName": "Hydra", "publicState": state, "parameters": parameters}


def from_record(record: Json) -> Vault:
    """The vault of a record. Raises SchemaError with the original's text."""
    if isinstance(record, list):
        if len(record) < 2:
            raise SchemaError(
                f"invalid length {len(record)}, expected struct VaultSerializer with 2 elements"
            )
        if len(record) > 2:
            raise SchemaError(f"invalid length {len(record)}, expected fewer elements in array")
        seed, plugins = _read_string(record[0]), _read_plugins(record[1])
        return Vault(seed, plugins)
    found = _read_members(
        record,
        "struct VaultSerializer",
        {"encryptedSeed": _read_string, "plugins": _read_plugins},
        null="null",
    )
    return Vault(found["encryptedSeed"], found["plugins"])


def _describe(thing: Json, null: str) -> str:
    """What a value is, in the words of the original's reader."""
    if thing is None:
        return null
    if isinstance(thing, bool):
        return f"boolean `{str(thing).lower()}`"
    if isinstance(thing, int):
        return f"integer `{thing}`"
    if isinstance(thing, float):
        return f"floating point `{getattr(thing, 'text', thing)}`"
    if isinstance(thing, str):
        escaped = thing.replace("\\", "\\\\").replace('"', '\\"')
        return f'string "{escaped}"'
    return "sequence" if isinstance(thing, list) else "map"


# Inside a plugin the original reads from a buffer, in which null has become a unit.
def _refuse(thing: Json, expected: str, null: str = "unit value") -> SchemaError:
    return SchemaError(f"invalid type: {_describe(thing, null)}, expected {expected}")


def _read_members(
    record: Json,
    noun: str,
    readers: dict[str, Callable[[Json], Any]],
    *,
    null: str = "unit value",
    optional: bool = False,
) -> dict[str, Any]:
    if not isinstance(record, dict):
        raise _refuse(record, noun, null)
    found = {name: readers[name](record[name]) for name in sorted(record) if name in readers}
    for name in readers:
        if name not in found and not optional:
            raise SchemaError(f"missing field `{name}`")
    return found


def _read_string(thing: Json) -> str:
    if not isinstance(thing, str):
        raise _refuse(thing, "a string", "null")
    return thing


def _read_inner_string(thing: Json) -> str:
    if not isinstance(thing, str):
        raise _refuse(thing, "a string")
    return thing


def _read_integer(thing: Json, name: str, limits: tuple[int, int]) -> int:
    if not isinstance(thing, int) or isinstance(thing, bool):
        raise _refuse(thing, name)
    if not limits[0] <= thing <= limits[1]:
        raise SchemaError(f"invalid value: integer `{thing}`, expected {name}")
    return thing


def _read_i32(thing: Json) -> int:
    return _read_integer(thing, "i32", _I32)


def _read_u32(thing: Json) -> int:
    return _read_integer(thing, "u32", _U32)


def _read_list(thing: Json) -> tuple[str, ...]:
    if not isinstance(thing, list):
        raise _refuse(thing, "a sequence")
    return tuple(_read_inner_string(item) for item in thing)


def _read_plugins(thing: Json) -> tuple[MorpheusPlugin | HydraPlugin, ...]:
    if not isinstance(thing, list):
        raise _refuse(thing, "a sequence", "null")
    if len(thing) > PLUGIN_LIMIT:
        raise LimitError(f"vault of {len(thing)} plugins, at most {PLUGIN_LIMIT}")
    return tuple(_read_plugin(item) for item in thing)


def _read_plugin(record: Json) -> MorpheusPlugin | HydraPlugin:
    if not isinstance(record, dict):
        raise _refuse(record, "internally tagged enum VaultPluginSerializer", "null")
    if "pluginName" not in record:
        raise SchemaError("missing field `pluginName`")
    name = record["pluginName"]
    if not isinstance(name, str):
        raise _refuse(name, "variant identifier", "null")
    if name == "Hydra":
        return _read_hydra(record)
    if name == "Morpheus":
        return _read_morpheus(record)
    raise SchemaError(f"unknown variant `{name}`, expected `Hydra` or `Morpheus`")


def _read_hydra(record: Json) -> HydraPlugin:
    found = _read_members(
        record,
        "struct Plugin",
        {
            "publicState": lambda state: _read_members(
                state,
                "struct PublicState",
                {"xpub": _read_inner_string, "receiveKeys": _read_u32, "changeKeys": _read_u32},
            ),
            "parameters": lambda parameters: _read_members(
                parameters,
                "struct Parameters",
                {"network": _read_inner_string, "account": _read_i32},
            ),
        },
    )
    state, parameters = found["publicState"], found["parameters"]
    return HydraPlugin(
        parameters["network"],
        parameters["account"],
        state["xpub"],
        state["receiveKeys"],
        state["changeKeys"],
    )


def _read_morpheus(record: Json) -> MorpheusPlugin:
    found = _read_members(
        record,
        "struct Inner",
        {
            "parameters": lambda parameters: _read_members(parameters, "struct Parameters", {}),
            "publicState": lambda state: _read_members(
                state,
                "struct PublicState",
                {f"{kind}s": _read_list for kind in KINDS},
                optional=True,
            ),
        },
    )
    return MorpheusPlugin(**found["publicState"])
