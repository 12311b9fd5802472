"""A hardened systemd unit for a daemon of this installation."""

from __future__ import annotations

import os
import sys

_UNIT = """[Unit]
Description={name} of the Internet of People
Documentation=man:{name}(1)
After=network-online.target
Wants=network-online.target

[Service]
Type=notify-reload
ExecStart={command}
Restart=on-failure
RestartSec=5
TimeoutStopSec=15
WatchdogSec=60
User={user}
UMask=0077
ReadWritePaths={home}
LimitNOFILE=65536
LimitCORE=0
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=read-only
PrivateTmp=yes
PrivateDevices=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectControlGroups=yes
ProtectClock=yes
ProtectHostname=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
RestrictNamespaces=yes
RestrictSUIDSGID=yes
RestrictRealtime=yes
LockPersonality=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
CapabilityBoundingSet=

[Install]
WantedBy=multi-user.target
"""


def make_unit(name: str, words: list[str], home: str) -> str:
    """The unit file's text. `words`: arguments of the command; `home`: the directory it writes to."""
    program = os.path.abspath(sys.argv[0])
    command = " ".join(_quote(word) for word in (program, *words))
    user = os.environ.get("USER") or str(os.geteuid())
    return _UNIT.format(name=name, command=command, user=user, home=_quote(home))


def _quote(word: str) -> str:
    """A word of a unit file, quoted where it has to be; specifiers and variables stay text (systemd.syntax(7))."""
    word = word.replace("\\", "\\\\").replace("%", "%%").replace("$", "$$").replace('"', '\\"')
    return f'"{word}"' if set(word) & set(" \t'\"\\;") or not word else word
