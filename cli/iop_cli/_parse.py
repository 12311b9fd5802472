"""The quick parser: reads the common command line without click, whose import costs more than most commands.

`parse` answers what click would answer, or None when the line is anything out of the ordinary (help, an error, a
spelling it does not know): then click decides. A property test holds the two equal.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from iop_cli._option import Option


def parse(options: Sequence[Option], argv: Sequence[str]) -> dict[str, object] | None:
    """Values by destination name, defaults filled in; None when click should look at the line."""
    by_name = {name: option for option in options for name in option.names if name[0] == "-"}
    values: dict[str, object] = {}
    lists: dict[str, list[object]] = {}
    rest: list[str] = []
    index = 0
    while index < len(argv):
        word = argv[index]
        index += 1
        if word == "--":
            rest.extend(argv[index:])
            break
        if word[:1] != "-" or word == "-":
            rest.append(word)
            continue
        given: str | None = None
        if word[:2] == "--" and "=" in word:
            word, given = word.split("=", 1)
        option = by_name.get(word)
        if option is None:
            return None
        dest = option.dest
        if option.kind in ("flag", "count"):
            if given is not None or word in ("-h", "--help"):
                return None
            values[dest] = True if option.kind == "flag" else _count(values.get(dest)) + 1
            continue
        if given is None:
            if index == len(argv):
                return None
            given = argv[index]
            index += 1
        ok, found = _convert(option, given)
        if not ok:
            return None
        if option.multiple:
            lists.setdefault(dest, []).append(found)
        else:
            values[dest] = found
    values |= {dest: tuple(found) for dest, found in lists.items()}
    return _place(options, rest, values)


def _place(
    options: Sequence[Option], rest: list[str], values: dict[str, object]
) -> dict[str, object] | None:
    for option in options:
        if not option.is_positional:
            if option.required and option.dest not in values:
                return None
            values.setdefault(option.dest, option.unset)
            continue
        if not rest and option.required:
            return None
        taken = rest if option.multiple else rest[:1]
        rest = rest[len(taken) :]
        pairs = [_convert(option, word) for word in taken]
        if not all(ok for ok, _ in pairs):
            return None
        found = tuple(value for _, value in pairs)
        values[option.dest] = found if option.multiple else (found[0] if found else option.default)
    return None if rest else values


def _count(before: object) -> int:
    return before if isinstance(before, int) else 0


def _convert(option: Option, text: str) -> tuple[bool, object]:
    try:
        if option.kind == "int":
            return True, int(text)
        if option.kind == "float":
            return True, float(text)
    except ValueError:
        return False, None
    if option.kind == "choice" and text not in option.choices:
        return False, None
    return True, text
