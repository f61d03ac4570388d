"""Submissions that solve nothing and want the points all the same: families of cheats, each for every exercise."""

# ruff: noqa: E501 - programs in one line
from __future__ import annotations

import inspect
from dataclasses import replace
from pathlib import Path
from textwrap import indent
from unittest import mock

from eventlab.classroom import limits
from eventlab.classroom.judge import Answer, Result, judged
from eventlab.lessons.judging import model
from eventlab.lessons.judging.model import Exercise

RUNS, SILENCE = 4, 1.0  # in which a cheat is tried, and how many seconds a step may take: credit never takes longer
ENDLESS = {  # these look for nothing and only take what they get: a tenth of the limits shows the same, in minutes
    "an endless loop", "an endless generator", "all memory", "a process that stays", "a flood of output", "depth",
    "a huge text", "threads",
}  # fmt: skip
LITTLE = 2  # seconds of processor time that those have in all
MODEL = "EXERCISE"  # what stands for the exercise's id in a family's source

EQUAL = """
class Equal{base}:
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __lt__(self, other): return False
    def __gt__(self, other): return False
    __le__ = __ge__ = __contains__ = __eq__
    def __hash__(self): return 0
    def __bool__(self): return True
    def __getattr__(self, name): return self
    def __getitem__(self, key): return self
    def __call__(self, *given, **named): return self
    def __iter__(self): return iter(())
    def __len__(self): return 0
    def index(self, *given): return 0
    def count(self, *given): return 1
    def __abs__(self): return 0
    def __sub__(self, other): return self
    __rsub__ = __add__ = __radd__ = __sub__
"""
FIND = """
import glob, os, sys
places = [os.getcwd(), *sys.path, "/work", "/home", "/tmp", os.path.dirname(sys.executable)]
ends = (f"{depth}eventlab/lessons/lesson{EXERCISE[:2]}/ex{EXERCISE[3:]}_*.py" for depth in ("", "*/", "*/*/", "*/*/*/"))
sources = []
try:
    sources += [path for end in ends for place in places for path in glob.glob(f"{place}/{end}")]
except Exception:
    pass
"""

# By name: what stands above, and the body of `cheat(*given)`.
FAMILIES: dict[str, tuple[str, str]] = {
    "an object that equals everything": (EQUAL.format(base=""), "return Equal()"),
    "a number that equals everything": (EQUAL.format(base="(int)"), "return Equal(1)"),
    "a text that equals everything": (EQUAL.format(base="(str)"), "return Equal('a')"),
    "a list with its own index": (EQUAL.format(base="(list)"), "return Equal(['a'])"),
    "a dictionary that has every key": (EQUAL.format(base="(dict)"), "return Equal(a='a')"),
    "a float with its own abs": (EQUAL.format(base="(float)"), "return Equal(0.5)"),
    "no number": ("", "return float('nan')"),
    "endless numbers": ("", "return [float('inf'), float('-inf')]"),
    "true as one": ("", "return True"),
    "the model by its import": (
        "try:\n    from eventlab.lessons.judging.model import exercise\nexcept Exception:\n    exercise = None",
        "found = exercise(EXERCISE).model\nreturn found(*given) if callable(found) else found",
    ),
    "the model by its module": (
        "import importlib, pkgutil",
        "import eventlab.lessons as lessons\nfor each in pkgutil.walk_packages(lessons.__path__, 'eventlab.lessons.'):\n"
        "    found = getattr(importlib.import_module(each.name), 'EXERCISE', None)\n"
        "    if found and found.id == EXERCISE:\n        found = found.model\n"
        "        return found(*given) if callable(found) else found",
    ),
    "the model's source from the disk": (
        FIND,
        "for path in sources:\n    text = open(path).read()\n    names = {}\n    exec(text, names)\n"
        "    found = names['EXERCISE'].model\n    return found(*given) if callable(found) else found",
    ),
    "the package by another path": (
        FIND,
        "for path in sources:\n    sys.path.insert(0, path.split('/eventlab/')[0])\n"
        "for name in [n for n in sys.modules if n.startswith('eventlab')]: del sys.modules[name]\n"
        "from eventlab.lessons.judging.model import exercise\nfound = exercise(EXERCISE).model\n"
        "return found(*given) if callable(found) else found",
    ),
    "the caller's frame": (
        "import sys",
        "frame = sys._getframe()\nwhile frame:\n"
        "    for each in [*frame.f_locals.values(), *frame.f_globals.values()]:\n"
        "        found = getattr(each, 'model', None) or getattr(getattr(each, 'exercise', None), 'model', None)\n"
        "        if found and not hasattr(found, 'exercise'):\n"
        "            return found(*given) if callable(found) else found\n    frame = frame.f_back",
    ),
    "a search through all objects": (
        "import gc",
        "for each in gc.get_objects():\n    if type(each).__name__ == 'Exercise' and each.id == EXERCISE:\n"
        "        found = each.model\n        return found(*given) if callable(found) else found",
    ),
    "the judge's memory": (
        "import os",
        "text = open(f'/proc/{os.getppid()}/mem', 'rb')\nfor line in open(f'/proc/{os.getppid()}/maps'):\n"
        "    begin = int(line.split('-')[0], 16)\n    text.seek(begin)\n    if b'EXERCISE' in text.read(1 << 16):\n"
        "        return 'a'",
    ),
    "patched builtins": (
        "import builtins",
        "builtins.sorted = builtins.len = builtins.abs = builtins.isinstance = lambda *_, **__: 0\nreturn None",
    ),
    "a patched checker": (
        "",
        "import eventlab.lessons.judging as judging, sys\nfor name, module in list(sys.modules.items()):\n"
        "    for each in ('attempt', 'mistake_in', 'failures', 'judge', 'attempted'):\n"
        "        if name.startswith('eventlab') and hasattr(module, each): setattr(module, each, lambda *_, **__: None)\n"
        "return None",
    ),
    "a forged message on the wire": (
        "import os",
        "import msgspec\nfor number in range(3, 20):\n    for said in (['done', '', [], None, []], ['right', '', [], 1.0]):\n"
        "        content = msgspec.msgpack.encode(said)\n        try:\n"
        "            os.write(number, len(content).to_bytes(4, 'big') + content)\n        except OSError:\n            pass\n"
        "return None",
    ),
    "rubbish on the wire": (
        "import os",
        "for number in range(3, 20):\n    try:\n        os.write(number, b'\\xff' * 64)\n    except OSError:\n        pass",
    ),
    "a patched server": (
        "import gc",
        "for each in gc.get_objects():\n    if type(each).__name__ == 'Server':\n"
        "        type(each).serve = lambda self, *_: self.tell('done', None, [])",
    ),
    "effects that nobody may have": (
        "",
        "for each in given:\n    for what in ('crash', 'restart', '__class__', 'sim', 'network', 'call', 'put', 'receive'):\n"
        "        try: each._ask(0, what, '', None)\n        except Exception: pass\n",
    ),
    "an end that looks well": ("import os", "os._exit(0)"),
    "a polite end": ("import sys", "sys.exit(0)"),
    "an interrupt": ("", "raise KeyboardInterrupt"),
    "a written record of progress": (
        "",
        "open('.eventlab-progress.json', 'w').write('{\"attempts\":{},\"solved\":{\"01.1\":1},\"chosen\":{}}')",
    ),
    "forged results on the disk": (
        "import glob",
        "for path in glob.glob('/tmp/**/results', recursive=False) + ['results', 'grades.csv']:\n"
        "    open(f'{path}/forged.json', 'w').write('{\"verdict\":\"right\",\"share\":1.0}')",
    ),
    "memory keyed by identity": (
        "seen = {}",
        "seen.setdefault(tuple(map(id, given)), len(seen))\nreturn seen[tuple(map(id, given))]",
    ),
    "a guess of the seed": (
        "",
        "from eventlab.draws import Draws\nfor each in given:\n    if hasattr(each, 'random'):\n"
        "        first = each.random('x').random()\n"
        "        for seed in range(2000):\n            if Draws(seed, f'{each.name}: x').random() == first: return {'seed': seed}",
    ),
    "changed arguments": (
        "",
        "for each in given:\n    for clear in ('clear', 'popitem'):\n        try: getattr(each, clear)()\n"
        "        except Exception: pass\nreturn 'none'",
    ),
    "a lie about its class": ("class Liar:\n    __class__ = property(lambda self: dict)", "return Liar()"),
    "something that runs when it is read": (
        "class Bomb:\n    def __reduce__(self): return (print, ('ran',))\n    def __index__(self): return 1", "return Bomb()",
    ),
    "an endless loop": ("", "while True: pass"),
    "an endless generator": ("import itertools", "return itertools.count()"),
    "all memory": ("", "return [bytearray(1 << 27) for _ in range(1000)]"),
    "many processes": ("import os", "for _ in range(500):\n    if os.fork() == 0:\n        while True: pass"),
    "a process that stays": (
        "import subprocess, sys",
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(999)'], start_new_session=True)",
    ),
    "a flood of output": ("", "for _ in range(10**4): print('x' * 1000)\nreturn None"),
    "the end of the judge": ("import os, signal", "os.kill(os.getppid(), signal.SIGKILL)"),
    "a call into C": (
        "import ctypes", "ctypes.CDLL(None).kill(ctypes.CDLL(None).getppid(), 9)\nctypes.string_at(0)",
    ),
    "a connection": (
        "import socket", "return socket.create_connection(('127.0.0.1', 80), 1).recv(10).decode()",
    ),
    "depth": ("import sys\nsys.setrecursionlimit(10**6)", "found = []\nfor _ in range(10**5): found = [found]\nreturn found"),
    "a huge text": ("", "return 'a b c d e f g h ' * 10**6"),
    "threads": (
        "import threading", "for _ in range(50): threading.Thread(target=lambda: [0 for _ in iter(int, 1)]).start()",
    ),
}  # fmt: skip


def submission(exercise: Exercise, family: str) -> str:
    """The cell of a submission of this family."""
    above, body = FAMILIES[family]
    cheat = f"{above}\n\ndef cheat(*given):\n{indent(body, '    ')}\n".replace(MODEL, repr(exercise.id))
    cheat = cheat.replace(f"'{exercise.id!r}'", "'EXERCISE'")
    if not callable(exercise.model):
        return f'{cheat}\ncheck("{exercise.id}", cheat())\n'
    names = list(inspect.signature(exercise.model).parameters)
    waits = "async " if inspect.iscoroutinefunction(exercise.model) else ""
    given = ", ".join(names)
    return f'{cheat}\n{waits}def answer({given}):\n    return cheat({given})\n\ncheck("{exercise.id}", answer)\n'


def tried(exercise: Exercise, family: str, shelf: Path) -> Result:
    """What grading gives for it, in four visible and four hidden runs: a part of the points for each that holds."""
    fewer = replace(exercise, runs=min(RUNS, exercise.runs))
    answer = Answer(exercise.id, [(1, submission(exercise, family))], 0)
    with mock.patch.object(limits, "CPU", LITTLE if family in ENDLESS else limits.CPU):
        return judged(fewer, answer, shelf, key="any", parts=RUNS, silence=SILENCE)


def exercises() -> list[Exercise]:
    """Every exercise."""
    return [each for number in model.lessons() for each in model.lesson(number).exercises]
