"""A class of thirty, made by a script: right, wrong, half, cheating, broken; as notebooks, folders and zips."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

RIGHT = """def broken(contract, answer):
    return [key for key, kind in contract.items() if not isinstance(answer.get(key), kind)]


check("01.3", broken)"""
WRONG = """def broken(contract, answer):
    return [key for key in contract if key not in answer]


check("01.3", broken)"""
STUB = """def broken(contract, answer):
    raise NotImplementedError


check("01.3", broken)"""
CHEAT = """class Equal(list):
    def __eq__(self, other): return True
    def index(self, *given): return 0


def broken(contract, answer):
    from eventlab.lessons.judging.model import exercise
    return exercise("01.3").model(contract, answer)


check("01.3", broken)"""
LOOP = """def broken(contract, answer):
    while True:
        pass


check("01.3", broken)"""
ORDER = 'check("01.1", "c f e b d a")'
NEARLY = 'check("01.1", "c f b e d a")'


def notebook(*sources: str, **more: Any) -> bytes:
    """A notebook of these code cells."""
    cells = [{"cell_type": "code", "metadata": {}, "outputs": [], "source": source} for source in sources]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells, **more}).encode()


def make(folder: Path) -> None:
    """Thirty students' submissions."""
    folder.mkdir(parents=True)
    kinds = {
        "ada": notebook(ORDER, RIGHT), "ben": notebook(ORDER, WRONG), "cleo": notebook(NEARLY, RIGHT),
        "dan": notebook(NEARLY, STUB), "eva": notebook(ORDER, CHEAT), "finn": notebook(ORDER, LOOP),
    }  # fmt: skip
    for number in range(18):
        name, content = list(kinds.items())[number % 6]
        (folder / f"{name}{number // 6}_01-request-driven.ipynb").write_bytes(content)
    (folder / "gina").mkdir()
    (folder / "gina" / "01-mine.ipynb").write_bytes(b"\xef\xbb\xbf" + notebook(RIGHT.replace("\n", "\r\n"), ORDER))
    with zipfile.ZipFile(folder / "hana.zip", "w") as archive:
        archive.writestr("work/01-request-driven.ipynb", notebook(ORDER, RIGHT))
    with zipfile.ZipFile(folder / "ivan.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("01-request-driven.ipynb", b" " * (30 << 20))
    with zipfile.ZipFile(folder / "jo.zip", "w") as archive:
        archive.writestr("../../01-request-driven.ipynb", notebook(ORDER, RIGHT))
    broken = {
        "kim": b"this is no notebook", "lea": notebook(ORDER, nbformat=3), "max": notebook(*[ORDER] * 600),
        "nina": notebook(ORDER, RIGHT, STUB), "olaf": notebook(RIGHT.split("check")[0]),
        "pia": notebook('check("01.9", 1)', "def broken(contract, answer:\n", ORDER),
        "quentin": notebook("# Group: ada0, =cmd", ORDER, RIGHT), "=rita": notebook(ORDER),
    }  # fmt: skip
    for name, content in broken.items():
        (folder / f"{name}_01-request-driven.ipynb").write_bytes(content)
