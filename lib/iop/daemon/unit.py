"""A hardened systemd unit for a daemon of this installation."""

from __future__ import annotations

import os
import sys

_UNIT = """[Unit]
Description={name} of the Internet of People
Documentation=man:{name}(1)
After=network-online.target postgresql.service
Wants=network-online.target

[Service]
Type=notify
ExecStart={command}
ExecReload=/bin/kill -HUP $MAINPID
Restart=on-failure
RestartSec=5
# a long log takes its time; the watchdog tells when nothing moves any more
TimeoutStartSec=infinity
TimeoutStopSec=15
WatchdogSec=60
User={user}
UMask=0077
ReadWritePaths={writable}
# where the node's key is sealed: its passphrase, from a file of root
#LoadCredential=iop-passphrase:/etc/iop/passphrase
LimitNOFILE=65536
LimitCORE=0
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=read-only
ProtectProc=invisible
ProcSubset=pid
PrivateTmp=yes
PrivateDevices=yes
PrivateMounts=yes
RemoveIPC=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
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
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM
CapabilityBoundingSet=

[Install]
WantedBy=multi-user.target
"""


def make_unit(name: str, words: list[str], writable: list[str], user: str) -> str:
    """The unit file's text. `words`: arguments of the command; `writable`: the directories it writes to."""
    program = os.path.abspath(sys.argv[0])
    command = " ".join(_quote(word) for word in (program, *words))
    folders = " ".join(_quote(path) for path in dict.fromkeys(writable))
    return _UNIT.format(name=name, command=command, user=user, writable=folders)


def find_owner(path: str) -> str:
    """The name of a directory's owner, ours where there is no such directory; the number of a user without a name."""
    import pwd

    try:
        uid = os.stat(path).st_uid
    except OSError:
        uid = os.geteuid()
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _quote(word: str) -> str:
    """A word of a unit file, quoted where it has to be; specifiers and variables stay text (systemd.syntax(7))."""
    word = word.replace("\\", "\\\\").replace("%", "%%").replace("$", "$$").replace('"', '\\"')
    return f'"{word}"' if set(word) & set(" \t'\"\\;") or not word else word
