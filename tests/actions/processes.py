"""Looking at processes the way ``ps`` does."""

import os
import time
from collections.abc import Callable
from pathlib import Path

PATIENCE = 120  # seconds


def alive_with(variable: str) -> list[str]:
    """Command lines of the living processes whose environment holds ``variable`` (``NAME=value``)."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            environment = (process / "environ").read_bytes().split(b"\0")
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if variable.encode() in environment and command and int(process.name) != os.getpid():
            found.append(command)
    return found


def eventually(condition: Callable[[], object]) -> bool:
    """Whether ``condition`` came true, with patience for a machine that runs other tests beside this one."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return bool(condition())
