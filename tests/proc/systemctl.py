"""Stands where systemctl would: runs the ExecStart of the units in $UNITS, in the foreground of nobody.

Knows what iop-operator(7) types: daemon-reload, enable --now, start, stop, reload. A service counts as started when it says READY=1.
"""

import os
import shlex
import signal
import socket
import subprocess
import sys
import time

UNITS = os.environ["UNITS"]
DEADLINE_S = 60


def pid_file(name):
    return os.path.join(UNITS, f"{name}.pid")


def start(name):
    if os.path.exists(pid_file(name)):
        return
    with open(os.path.join(UNITS, f"{name}.service")) as file:
        lines = [line for line in file if line.startswith("ExecStart=")]
    command = shlex.split(lines[0].partition("=")[2].replace("%%", "%").replace("$$", "$"))
    address = os.path.join(UNITS, f"{name}.notify")
    with (
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager,
        open(os.path.join(UNITS, f"{name}.log"), "ab") as log,
    ):
        manager.bind(address)
        manager.settimeout(DEADLINE_S)
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=os.environ | {"NOTIFY_SOCKET": address},
            start_new_session=True,
        )
        while b"READY=1" not in manager.recv(4096):
            assert process.poll() is None
    os.unlink(address)
    with open(pid_file(name), "w") as file:
        file.write(str(process.pid))


def stop(name):
    if not os.path.exists(pid_file(name)):
        return
    with open(pid_file(name)) as file:
        pid = int(file.read())
    os.unlink(pid_file(name))
    try:
        os.kill(pid, signal.SIGTERM)
    except ProcessLookupError:
        return  # it ended by itself
    end = time.monotonic() + DEADLINE_S
    while os.path.exists(f"/proc/{pid}"):
        assert time.monotonic() < end
        time.sleep(0.02)


def reload(name):
    with open(os.path.join(UNITS, f"{name}.service")) as file:
        assert "ExecReload=/bin/kill -HUP $MAINPID\n" in file.read()
    with open(pid_file(name)) as file:
        os.kill(int(file.read()), signal.SIGHUP)


def main():
    verb, *names = [word for word in sys.argv[1:] if not word.startswith("-")]
    if verb == "daemon-reload":
        return
    act = {"enable": start, "start": start, "stop": stop, "reload": reload}[verb]
    for name in names:
        act(name)


if __name__ == "__main__":
    main()
