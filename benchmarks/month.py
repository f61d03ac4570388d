"""A month of the airports: run, saved, loaded, measured and looked at, from ten thousand records to ten million.

Each size is run and saved in a process of its own, loaded and looked at in another, so that the memory of one is not
that of the other. Seconds are those of the processor. `python -m benchmarks month` takes a quarter of an hour, five
gigabytes of memory and five of disk.

Memory is what the operating system says (`ru_maxrss`, and for a view the highest since it began, Linux only), so what
Python keeps for itself counts too.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.growth import exponent
from benchmarks.harness import Row, at_most
from eventlab import airports
from eventlab.airports import Scenario, flights, metrics
from eventlab.measures import availability, queues, requests, staleness, traffic
from eventlab.trace import Trace
from eventlab.views import (
    apart,
    causal_tree,
    departure_boards,
    event_streams,
    flow_graph,
    rebuild,
    replay,
    sequence_diagram,
    service_state,
    timeline,
)
from eventlab.views.notebook import of_trace

ARCHITECTURE = "event notification"  # it leaves the most records
SIZES = {"10 thousand": (1, 36), "100 thousand": (1, 400), "1 million": (5, None), "10 million": (44, None)}
VIEW, KEPT, MORE = 5.0, 1.2, 0.02  # seconds for a view; load to run; what a view may take of what the trace takes
WHOLE = "10 million"


def scenario(size: str) -> Scenario:
    days, some = SIZES[size]
    first = "2013-01-20"
    return Scenario(day=first, days=days, flights=[each.key for each in flights.flights(first)[:some]] if some else ())


def peak() -> int:
    """The most bytes of memory that this process ever had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    gc.collect()
    begun = time.process_time()
    done = work()
    return time.process_time() - begun, done


def made(size: str, path: str) -> dict[str, float]:
    """Run and save: seconds, and bytes of memory for each record."""
    day = scenario(size)
    before = peak()
    took, ran = timed(lambda: airports.run(day, ARCHITECTURE))
    held = peak() - before
    return {"records": len(ran.trace), "run": took, "bytes": held, "save": timed(lambda: ran.trace.save(path))[0]}


def looked_at(size: str, path: str) -> dict[str, Any]:
    """Load, measure and draw: seconds, and bytes of memory."""
    before = peak()
    took, trace = timed(lambda: Trace.load(path))
    held = peak() - before
    gc.freeze()
    said = scenario(size).commands
    works = {**views(trace), **measures(trace, said)}
    return {"load": took, "bytes": held, "works": {name: one(work) for name, work in works.items()}}


def one(work: Callable[[], Any]) -> tuple[float, int]:
    """Seconds of a work, and how many bytes it needed while it went on."""
    begun = _forget_peak()
    took, done = timed(work)
    grown = _status("VmHWM") - begun if begun else 0
    del done
    return took, grown


def _forget_peak() -> int:
    """Let the highest memory so far be what there is now; 0 where that cannot be done."""
    gc.collect()
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return 0
    return _status("VmRSS")


def _status(name: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith(name))


def views(trace: Trace) -> dict[str, Callable[[], Any]]:
    middle = len(trace) // 2
    about = next(r.message.subject for r in trace.records[middle:] if r.message is not None and r.message.subject)
    other = Trace(trace.records[:middle], trace.stage)
    return {
        "table in a notebook": lambda: str(of_trace(trace)),
        "flow graph": lambda: flow_graph(trace),
        "flow graph, in the middle": lambda: flow_graph(trace, middle),
        "sequence diagram": lambda: sequence_diagram(trace),
        "sequence diagram of a flight": lambda: sequence_diagram(trace, flight=about),
        "timeline": lambda: timeline(trace),
        "timeline of a flight": lambda: timeline(trace, flight=about),
        "boards": lambda: departure_boards(trace),
        "state": lambda: service_state(trace),
        "state of a flight": lambda: service_state(trace, flight=about),
        "streams": lambda: event_streams(trace),
        "causal tree": lambda: causal_tree(trace, about),
        "rebuild": lambda: rebuild(trace, lambda state, event: {**state, event.subject: event.type}, flight=about),
        "two runs": lambda: apart(trace, other),
        "replay": lambda: replay(trace, "flow", "sequence", "state", "streams", "boards"),
        "replay of a flight": lambda: replay(trace, "flow", "sequence", "state", "streams", "boards", flight=about),
    }


def measures(trace: Trace, said: Any) -> dict[str, Callable[[], Any]]:
    begin, end = trace[0].at, trace[len(trace) - 1].at
    return {
        "measure: what people felt": lambda: metrics.measure(trace, said),
        "measure: requests": lambda: requests.calls(trace),
        "measure: lags": lambda: queues.lags(trace, ["boards"]),
        "measure: staleness": lambda: staleness.stale_share(trace, "operations", "boards"),
        "measure: availability": lambda: availability.availability(trace, ["operations"], begin, end),
        "measure: traffic": lambda: traffic.traffic(trace),
        "measure: digest": lambda: trace.digest(),
    }


# All sizes ----------------------------------------------------------------------------------------------------------


def in_a_process(work: str, size: str, path: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.month", work, size, path]
    shown: dict[str, Any] = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return shown


def run(rounds: int) -> list[Row]:
    found: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "run.jsonl")
        for size in SIZES:
            found[size] = {"made": in_a_process("made", size, path)}
            found[size] |= {"length": os.path.getsize(path), "seen": in_a_process("looked_at", size, path)}
            os.remove(path)
    return list(rows(found))


def rows(found: dict[str, dict[str, Any]]) -> Iterator[Row]:
    last = found[WHOLE]
    made, seen, count = last["made"], last["seen"], last["made"]["records"]
    yield at_most(f"month: {count:,} records, run", made["run"], None, "s")
    yield at_most("month: memory of the run, a record", made["bytes"] / count, None, "bytes")
    yield at_most("month: save", made["save"], None, "s")
    yield at_most("month: the file", last["length"] / 1e9, None, "GB")
    yield at_most("month: load", seen["load"], None, "s")
    yield at_most("month: memory of load, to that of the run", seen["bytes"] / made["bytes"], KEPT, "times")
    for name, (took, grown) in seen["works"].items():
        yield at_most(f"month: {name}", took, None if name.startswith("measure") else VIEW, "s")
        if not name.startswith("measure"):
            yield at_most(f"month: {name}, memory beside the trace's", grown / seen["bytes"], MORE, "")
    growing = {name: [found[size]["made"][name] for size in SIZES] for name in ("run", "save")}
    growing["load"] = [found[size]["seen"]["load"] for size in SIZES]
    growing |= {name: [found[size]["seen"]["works"][name][0] for size in SIZES] for name in seen["works"]}
    counts = [found[size]["made"]["records"] for size in SIZES]
    steep = {
        name: exponent([(n, max(s, 1e-3)) for n, s in zip(counts, each, strict=True)]) for name, each in growing.items()
    }
    steepest = max(steep, key=lambda name: steep[name])
    yield at_most(f"month: exponent of the steepest, {steepest}", steep[steepest], 1.1, "")


if __name__ == "__main__":
    print(json.dumps({"made": made, "looked_at": looked_at}[sys.argv[1]](*sys.argv[2:])))
