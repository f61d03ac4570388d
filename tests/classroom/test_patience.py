"""Patience with a process: it ends for who works on and on, and for who sleeps; not for who waits for his turn."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

import pytest

from eventlab.classroom.patience import Patience


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the clock decides")
@pytest.mark.parametrize(
    ("program", "stopped", "over"),
    [
        ("while True: pass", False, True),
        ("import time; time.sleep(99)", False, True),
        ("while True: pass", True, False),
    ],
)
def test_patience_is_over_for_who_works_or_sleeps_and_not_for_who_waits(
    program: str, stopped: bool, over: bool
) -> None:
    process = subprocess.Popen([sys.executable, "-S", "-c", f"print(flush=True)\n{program}"], stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None and process.stdout.readline()
        if stopped:
            process.send_signal(signal.SIGSTOP)  # as if all processors were busy with others
        patience, looks = Patience(process.pid, 0.3), 0
        while not patience.is_over() and looks < (10 if stopped else 10_000):
            looks += 1
            time.sleep(0.1)
        assert (looks < 10_000 and not stopped) if over else looks == 10
    finally:
        process.kill()
        process.communicate()
