"""What checking a value against a part of a schema gives, and the types of those who ask and answer."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from iop.codec.json import Json
    from iop.ledger.coeus_schema.schema import Node, Run
    from iop.ledger.coeus_schema.work import Work

    Members: TypeAlias = dict[str, Json]
    Tree: TypeAlias = dict[str, Node]
    Check: TypeAlias = Callable[[Json, Run], int]
    Compiler: TypeAlias = Callable[[Members, Tree, Work], Check | None]

# Flags; none of them is yes.
INVALID = 1
MISSING = 2  # something could not be resolved
