"""Static completion scripts for bash, zsh and fish: options, choices and verbs are literal text, so Tab starts no Python."""

from __future__ import annotations

from iop_cli._command import Command, Noun
from iop_cli._manual import describe, metavar, verb_manual
from iop_cli._registry import ENTRIES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from iop_cli._option import Option


def _forms(command: Command | Noun) -> dict[str, tuple[Option, ...]]:
    """Options by verb; the empty verb for a command without verbs or its default verb."""
    if isinstance(command, Command):
        return {"": command.options}
    forms = {name: verb.options for name, verb in command.verbs.items()}
    if command.default:
        forms[""] = command.verbs[command.default].options
    return forms


def _function(prog: str) -> str:
    return "_" + prog.replace("-", "_")


def _first_words(prog: str, command: Command | Noun) -> str:
    """What may stand first: verbs, or for `iop` the other commands."""
    if isinstance(command, Noun):
        return " ".join(command.verbs)
    if prog != "iop":
        return ""
    return " ".join(["help", *(entry.name[4:] for entry in ENTRIES if entry.name != prog)])


def bash(prog: str, command: Command | Noun) -> str:
    """A bash completion file, loaded by the command's name."""
    forms = _forms(command)
    verbs = _first_words(prog, command)
    out = [
        f"# bash completion for {prog}; generated, do not edit",
        f"{_function(prog)}() {{",
        "    local cur=${COMP_WORDS[COMP_CWORD]} prev= verb=",
        "    (( COMP_CWORD > 0 )) && prev=${COMP_WORDS[COMP_CWORD-1]}",
    ]
    if isinstance(command, Noun):
        out += [
            f"    case ${{COMP_WORDS[1]}} in {'|'.join(verbs.split())}) verb=${{COMP_WORDS[1]}};; esac"
        ]
    out += ["    COMPREPLY=()", '    case "$verb $prev" in']
    for verb, options in forms.items():
        for option in options:
            if option.is_positional or option.kind in ("flag", "count"):
                continue
            words = "|".join(f'"{verb} {name}"' for name in option.names)
            out.append(f"        {words}) {_bash_value(option)}; return;;")
    out += ["    esac", '    case "$verb $cur" in']
    for verb, options in forms.items():
        names = " ".join(
            name for option in options if not option.is_positional for name in option.names
        )
        out.append(f'        "{verb} -"*) COMPREPLY=($(compgen -W "{names}" -- "$cur")); return;;')
    out.append("    esac")
    if verbs:
        out += [
            "    if [[ -z $verb && $COMP_CWORD -eq 1 ]]; then",
            f'        COMPREPLY=($(compgen -W "{verbs} --help --version" -- "$cur"))',
            "        [[ ${#COMPREPLY[@]} -gt 0 ]] && return",
            "    fi",
        ]
    out += [
        '    COMPREPLY=($(compgen -f -- "$cur"))',
        "}",
        f"complete -o filenames -o bashdefault -F {_function(prog)} {prog}",
    ]
    return "\n".join(out) + "\n"


def _bash_value(option: Option) -> str:
    if option.choices:
        return f'COMPREPLY=($(compgen -W "{" ".join(option.choices)}" -- "$cur"))'
    if option.complete:
        words = option.complete
        if words.startswith("$ "):
            words = f"$(timeout 0.3 {words[2:]} 2>/dev/null)"
        files = " -f" if "FILE" in metavar(option) else ""
        return f'COMPREPLY=($(compgen{files} -W "{words}" -- "$cur"))'
    if option.kind == "file" or "FILE" in metavar(option):
        return 'COMPREPLY=($(compgen -f -- "$cur"))'
    return ":"


def zsh(commands: dict[str, Command | Noun]) -> str:
    """One zsh file for all commands."""
    out = [f"#compdef {' '.join(commands)}", "# generated, do not edit", ""]
    for prog, command in commands.items():
        out += [f"{_function(prog)}() {{", "    local verb=", "    local -a specs"]
        names = _first_words(prog, command)
        if names:
            out += [
                f"    local -a verbs=({names})",
                "    (( ${verbs[(Ie)$words[2]]} )) && verb=$words[2]",
            ]
        out.append("    case $verb in")
        for verb, options in _forms(command).items():
            specs = [
                _zsh_option(option, name)
                for option in options
                if not option.is_positional
                for name in option.names
            ]
            out += [
                f"    {verb or chr(39) * 2})",
                "        specs=(",
                *(f"            {spec}" for spec in specs),
                "        );;",
            ]
        out += ["    esac"]
        if names:
            out.append(
                "    if [[ -z $verb && CURRENT -eq 2 && $words[2] != -* ]]; then compadd -a verbs; fi"
            )
        out += ["    _arguments -S $specs '*:file:_files'", "}", ""]
    out += ["case $service in"]
    out += [f'    {prog}) {_function(prog)} "$@";;' for prog in commands]
    out += ["esac"]
    return "\n".join(out) + "\n"


def _zsh_option(option: Option, name: str) -> str:
    text = (
        describe(option)
        .replace("'", "'\\''")
        .replace("[", "(")
        .replace("]", ")")
        .replace(":", "\\:")
    )
    repeat = "*" if option.multiple or option.kind == "count" else ""
    if option.kind in ("flag", "count"):
        return f"'{repeat}{name}[{text}]'"
    if option.choices:
        action = f"({' '.join(option.choices)})"
    elif option.complete and not option.complete.startswith("$ "):
        action = f"({option.complete})"
    else:
        action = "_files" if option.kind == "file" or "FILE" in metavar(option) else " "
    return f"'{repeat}{name}[{text}]:{option.dest.rstrip('_')}:{action}'"


def fish(prog: str, command: Command | Noun, summary: str) -> str:
    """A fish completion file, loaded by the command's name."""
    out = [f"# fish completion for {prog}: {summary}; generated, do not edit"]
    if isinstance(command, Noun):
        verbs = " ".join(command.verbs)
        for name, one in command.verbs.items():
            text = _fish_text(verb_manual(one)[0])
            out.append(
                f"complete -c {prog} -n 'not __fish_seen_subcommand_from {verbs}' -f -a {name} -d '{text}'"
            )
    if prog == "iop":
        out.append(f"complete -c iop -n __fish_is_first_arg -f -a '{_first_words(prog, command)}'")
    for verb, options in _forms(command).items():
        if verb:
            condition = f" -n '__fish_seen_subcommand_from {verb}'"
        elif isinstance(command, Noun):
            condition = f" -n 'not __fish_seen_subcommand_from {' '.join(command.verbs)}'"
        else:
            condition = ""
        for option in options:
            if option.is_positional:
                continue
            names = " ".join(
                f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}"
                for name in option.names
            )
            value = ""
            if option.choices:
                value = f" -x -a '{' '.join(option.choices)}'"
            elif option.complete:
                words = option.complete
                value = (
                    f" -r -a '({words[2:]} 2>/dev/null)'"
                    if words[:1] == "$"
                    else f" -r -a '{words}'"
                )
            elif option.kind not in ("flag", "count"):
                value = " -r" if option.kind == "file" or "FILE" in metavar(option) else " -x"
            out.append(
                f"complete -c {prog}{condition} {names}{value} -d '{_fish_text(describe(option))}'"
            )
    return "\n".join(out) + "\n"


def _fish_text(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")
