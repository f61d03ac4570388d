"""Ends what its parent has started, as soon as the parent is gone: also after kill -9, or a lost terminal.

Run as a program: each line of its input is `pid N`, `gone N` or `folder PATH`; at the end of the input, processes are
killed and folders removed. It needs nothing but Python.
"""

import contextlib
import os
import shutil
import signal
import sys
import time


def main() -> None:
    pids: set[int] = set()
    folders: list[str] = []
    for line in sys.stdin:
        word, _, rest = line.rstrip("\n").partition(" ")
        if word == "pid":
            pids.add(int(rest))
        elif word == "gone":
            pids.discard(int(rest))
        elif word == "folder":
            folders.append(rest)
    for pid in pids:
        with contextlib.suppress(OSError):
            os.kill(pid, getattr(signal, "SIGKILL", signal.SIGTERM))
    for folder in folders:
        for _ in range(20):  # their files are theirs until they have ended
            shutil.rmtree(folder, ignore_errors=True)
            if not os.path.exists(folder):
                break
            time.sleep(0.1)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        main()
