"""Manual texts from docstrings and options: the short help, and the man page.

A docstring is `name(1): summary.`, paragraphs, then sections `Title:` in the first column with an indented body.
Known titles: Records, Statuses, Files, Environment, Examples, Notes, See also.
"""

from __future__ import annotations

from iop_cli._command import Command, Noun

TYPE_CHECKING = False
if TYPE_CHECKING:
    from iop_cli._option import Option

STATUSES = {
    0: "done, for the whole input; a predicate said yes",
    1: "well-formed, and the answer is no",
    2: "command line wrong",
    65: "input malformed, of the wrong type or too large",
    66: "no such file, key, DID or block",
    69: "a peer or daemon cannot be reached",
    70: "bug in iop",
    73: "output exists or cannot be created",
    74: "I/O error, disk full",
    75: "temporary: lock held, starting, timeout, rate limit",
    76: "the other side violated the protocol",
    77: "wrong passphrase, file mode, missing right",
    78: "configuration wrong",
}
ALWAYS = (0, 2, 70, 74)
ENVIRONMENT = {
    "IOP_HOME": "directory that replaces all XDG directories",
    "IOP_COLOR": "auto, always or never; as --color",
    "IOP_DEBUG": "when not empty, a bug shows its traceback",
    "IOP_KERNEL": "c or py: demand compiled kernels or the pure reference; c:sha-ni or c:portable: also which SHA-256",
}


PASSPHRASE = {
    "IOP_PASSPHRASE_COMMAND": "command that prints the passphrase; together with another source it is an error",
    "CREDENTIALS_DIRECTORY": "directory in which a service manager leaves the passphrase as iop-passphrase",
}


def parse_manual(doc: str) -> tuple[str, str, dict[str, str]]:
    """Summary, description and sections (dedented bodies) of a docstring."""
    lines = doc.strip("\n").split("\n")
    head = lines[0].strip()
    summary = (head.split(": ", 1)[1] if "(1): " in head else head).rstrip(".")
    sections: dict[str, list[str]] = {"": []}
    title = ""
    for line in lines[1:]:
        if line[:1].isupper() and line.endswith(":") and len(line) < 24:
            title = line[:-1]
            sections[title] = []
        else:
            sections[title].append(line)
    bodies = {key: _dedent(body) for key, body in sections.items()}
    return summary, bodies.pop(""), {k: v for k, v in bodies.items() if v}


def _dedent(lines: list[str]) -> str:
    import textwrap

    return textwrap.dedent("\n".join(lines)).strip("\n")


def verb_manual(command: Command) -> tuple[str, str, dict[str, str]]:
    """The same for one verb, from its function's docstring."""
    import inspect

    return parse_manual(inspect.cleandoc(command.function.__doc__ or ""))


def synopsis(command: Command, name: str) -> str:
    """`name [options] FILE` as one line, required options spelled out."""
    parts = [name]
    parts += [
        spell(option) for option in command.own if option.required and not option.is_positional
    ]
    parts.append("[OPTION]...")
    for option in command.options:
        if option.is_positional:
            word = option.metavar or option.dest.upper()
            word += "..." if option.multiple else ""
            parts.append(word if option.required else f"[{word}]")
    return " ".join(parts)


def spell(option: Option) -> str:
    """`--key FILE`, the longest name with its metavar."""
    name = max(option.names, key=len)
    return f"{name} {metavar(option)}" if metavar(option) else name


def metavar(option: Option) -> str:
    """What stands for the value; empty for flags."""
    if option.kind in ("flag", "count"):
        return ""
    if option.metavar:
        return option.metavar
    if option.kind == "choice":
        return "|".join(option.choices)
    return {"int": "N", "float": "N", "file": "FILE"}.get(option.kind, "TEXT")


def describe(option: Option) -> str:
    """The help with default and repetition said."""
    text = option.help
    if option.default not in (None, "", ()) and option.kind not in ("flag", "count"):
        text += f" Default: {option.default}."
    if option.multiple and not option.is_positional:
        text += " May be repeated."
    return text


def help_text(command: Command | Noun, prog: str, manual: str, verb: str) -> str:
    """The short help: usage, options, one example."""
    summary, _, sections = parse_manual(manual)
    lines: list[str] = []
    if isinstance(command, Noun) and not verb:
        lines += [f"usage: {prog} VERB [OPTION]...", "", f"{prog}: {summary}.", "", "verbs:"]
        for name, one in command.verbs.items():
            mark = " (default)" if name == command.default else ""
            lines += _entry(name, verb_manual(one)[0] + mark)
        lines += ["", f"{prog} VERB --help tells more."]
    else:
        chosen = command.verbs[verb] if isinstance(command, Noun) else command
        name = f"{prog} {verb}".strip()
        if verb:
            summary, _, own = verb_manual(chosen)
            sections = own or sections
        lines += [f"usage: {synopsis(chosen, name)}", "", f"{name}: {summary}.", ""]
        for title, options in (("options:", chosen.own), ("common options:", chosen.shared)):
            if options:
                lines.append(title)
                for option in options:
                    left = (
                        ", ".join(option.names) if not option.is_positional else option.dest.upper()
                    )
                    shown = metavar(option)
                    lines += _entry(
                        f"{left} {shown}" if shown and not option.is_positional else left,
                        describe(option),
                    )
                lines.append("")
    if "Examples" in sections:
        lines += ["", "example:"]
        lines += [f"  {line}" for line in sections["Examples"].split("\n\n")[0].split("\n")[:8]]
    lines += ["", f"see {prog}(1)"]
    text = "\n".join(lines) + "\n"
    while "\n\n\n" in text:
        text = text.replace("\n\n\n", "\n\n")
    return text


def _entry(left: str, right: str) -> list[str]:
    import textwrap

    body = textwrap.wrap(right, 54) or [""]
    if len(left) > 21:
        return [f"  {left}", *(f"{'':24}{line}" for line in body)]
    return [f"  {left:22}{body[0]}", *(f"{'':24}{line}" for line in body[1:])]


def man_page(
    command: Command | Noun, prog: str, manual: str, version: str, others: list[str]
) -> str:
    """The man page in man(7) macros."""
    summary, description, sections = parse_manual(manual)
    verbs = list(command.verbs.items()) if isinstance(command, Noun) else []
    out = [
        f'.TH "{prog.upper()}" 1 "" "iop {version}" "iop manual"',
        ".SH NAME",
        f"{_roff(prog)} \\- {_roff(summary)}",
        ".SH SYNOPSIS",
    ]
    if verbs:
        for index, (name, one) in enumerate(verbs):
            out += [".br"] if index else []
            out.append(_roff(synopsis(one, f"{prog} {name}")))
    else:
        assert isinstance(command, Command)
        out.append(_roff(synopsis(command, prog)))
    out += [".SH DESCRIPTION", *_paragraphs(description)]
    several = _find_several([one for _, one in verbs])
    for name, one in verbs:
        first, text, own = verb_manual(one)
        default = isinstance(command, Noun) and command.default == name
        mark = " This verb may be left out." if default else ""
        out += [f".SS {_roff(prog)} {_roff(name)}", _roff(f"{first}.{mark}"), *_lead(text)]
        out += _options(tuple(option for option in one.own if option not in several))
        more = [max(option.names, key=len) for option in one.own if option in several]
        if more:
            out += [".PP", _roff(f"Also, told below: {', '.join(more)}.")]
        for title, body in own.items():
            if title == "Examples":
                sections[title] = "\n\n".join(filter(None, (sections.get(title), body)))
            else:
                out += [".PP", _roff(f"{title}:"), *_literal(body)]
    commands = [one for _, one in verbs] if isinstance(command, Noun) else [command]
    shared = {option.names: option for one in commands for option in one.shared}
    if not verbs:
        assert isinstance(command, Command)
        out += [".SH OPTIONS", *_options(command.own)]
        out += [".SS Common options"]
    else:
        if several:
            out += [".SH OPTIONS OF SEVERAL VERBS", *_options(tuple(several))]
        out += [".SH COMMON OPTIONS"]
    out += _options(tuple(shared.values()))
    if "Records" in sections:
        out += [".SH RECORDS", *_literal(sections["Records"])]
    out += [".SH EXIT STATUS", *_statuses(sections.get("Statuses", ""))]
    out += [".SH ENVIRONMENT"]
    asks = any(option.dest == "passphrase_file" for one in commands for option in one.own)
    for variable, text in (ENVIRONMENT | (PASSPHRASE if asks else {})).items():
        out += [".TP", f".B {variable}", _roff(text)]
    if "Environment" in sections:
        out += [".PP", *_paragraphs(sections["Environment"])]
    for title in ("Files", "Notes"):
        if title in sections:
            out += [f".SH {title.upper()}", *_paragraphs(sections[title])]
    if "Examples" in sections:
        out += [".SH EXAMPLES", *_literal(sections["Examples"])]
    related = [other for other in others if other != prog]
    out += [".SH SEE ALSO", ", ".join(_refer(other) for other in related)]
    return "\n".join(out) + "\n"


def _find_several(commands: list[Command]) -> list[Option]:
    """Options that three verbs or more have alike, in the order of their first place."""
    seen: list[Option] = [
        option for one in commands for option in one.own if not option.is_positional
    ]
    return list(dict.fromkeys(option for option in seen if seen.count(option) > 2))


def _refer(page: str) -> str:
    """`iop-x` is a command's page; another page says its section, as iop-genesis(5)."""
    name, _, section = page.rstrip(")").partition("(")
    return f"\\fB{_roff(name)}\\fR({section or 1})"


def _statuses(text: str) -> list[str]:
    meanings = dict(STATUSES)
    wanted = set(ALWAYS)
    for line in text.split("\n"):
        words = line.split(None, 1)
        if words and words[0].isdigit():
            wanted.add(int(words[0]))
            if len(words) > 1 and not words[1].split()[0].isdigit():
                meanings[int(words[0])] = words[1]
            elif len(words) > 1:
                wanted.update(int(word) for word in words[1].split() if word.isdigit())
    out = []
    for status in sorted(wanted):
        out += [".TP", f".B {status}", _roff(meanings[status])]
    return out


def _options(options: tuple[Option, ...]) -> list[str]:
    out = []
    for option in options:
        names = (
            option.names if not option.is_positional else (option.metavar or option.dest.upper(),)
        )
        left = ", ".join(f"\\fB{_roff(name)}\\fR" for name in names)
        shown = "" if option.is_positional else metavar(option)
        out += [".TP", f"{left} \\fI{_roff(shown)}\\fR" if shown else left, _roff(describe(option))]
    return out


def _lead(text: str) -> list[str]:
    return [".PP", *_paragraphs(text)] if text else []


def _paragraphs(text: str) -> list[str]:
    out: list[str] = []
    for block in text.split("\n\n"):
        if not block.strip():
            continue
        if out:
            out.append(".PP")
        lines = block.split("\n")
        if any(line.startswith("  ") for line in lines):
            out += _literal(block)
        elif lines[0].startswith("- "):
            for item in block[2:].split("\n- "):
                out += [".IP \\(bu 2", _roff(" ".join(item.split()))]
        else:
            out.append(_roff(" ".join(block.split())))
    return out


def _literal(text: str) -> list[str]:
    return [".nf", *(_roff(line) if line else ".sp" for line in text.split("\n")), ".fi"]


def _roff(text: str) -> str:
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("`", "\\(ga")
    text = text.replace("^", "\\(ha").replace("~", "\\(ti")
    return "\\&" + text if text[:1] in (".", "'") else text
