"""Makes this Python look to the package like one on Windows, and runs commands, given as JSON.

The libraries below the package are imported first, so they are those of this system. With the argument
`modules`, each module of the package is imported, and those that refuse are printed with the reason.
"""

from __future__ import annotations

import builtins
import importlib
import json
import multiprocessing.spawn  # noqa: F401
import os
import pkgutil
import select
import selectors
import signal
import subprocess  # noqa: F401
import sys
import tempfile  # noqa: F401

import anthropic  # noqa: F401
import click  # noqa: F401
import filelock  # noqa: F401
import rich.console  # noqa: F401

ABSENT = frozenset(
    {"curses", "fcntl", "grp", "posix", "pty", "pwd", "readline", "resource", "termios", "tty"}
)
ATTRIBUTES = {
    os: "O_CLOEXEC O_NOFOLLOW WNOHANG fork forkpty getuid geteuid killpg mkfifo pread register_at_fork "
    "sched_getaffinity setsid wait wait3 uname",
    select: "epoll poll",
    selectors: "EpollSelector PollSelector",
    signal: "SIGALRM SIGHUP SIGKILL SIGURG SIG_BLOCK SIG_SETMASK SIG_UNBLOCK pthread_kill pthread_sigmask",
}


def package():
    """The names of all modules of the package."""
    import inspector

    modules = pkgutil.walk_packages(inspector.__path__, "inspector.")
    return [each.name for each in modules if not each.name.endswith("__main__")]


def change():
    """Be Windows, for whatever the package imports and calls from now on."""
    sys.platform = "win32"
    for module, attributes in ATTRIBUTES.items():
        for name in attributes.split():
            delattr(module, name)
    real = builtins.__import__

    def importing(name, *arguments, **named):
        importer = (arguments[0] if arguments and arguments[0] else {}).get("__name__") or ""
        if name in ABSENT and importer.partition(".")[0] == "inspector":
            raise ModuleNotFoundError(f"No module named {name!r}: {importer} imports it", name=name)
        return real(name, *arguments, **named)

    builtins.__import__ = importing


if __name__ == "__main__":
    if sys.argv[1:] == ["modules"]:
        names = package()
        for name in names:  # for what they import of other libraries
            importlib.import_module(name)
        for name in ["inspector", *names]:
            sys.modules.pop(name, None)
        change()
        for name in names:
            try:
                importlib.import_module(name)
            except Exception as error:
                print(f"{name}: {type(error).__name__}: {error}")
    else:
        change()
        from inspector.cli import main

        for arguments in json.loads(sys.argv[1]):
            sys.argv[1:] = arguments
            try:
                main()
            except SystemExit as end:
                print(f"{arguments[0]}: {end.code or 0}", flush=True)
