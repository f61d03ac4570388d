"""Which book this is: the whole one, or one for students, in which answers are not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FILE = Path(__file__).parents[1] / "book.json"  # is there in a book for students alone
NO_ANSWER = "The model answer to {id} is not in this book: your instructor has it."
NO_HINT = "This book has one hint for each exercise."


def is_for_students() -> bool:
    """Whether the model answers have been taken out."""
    return FILE.exists()


def said() -> dict[str, Any]:
    """What a book for students says of itself: title, due date, lessons and variant; nothing in the whole one."""
    found: dict[str, Any] = json.loads(FILE.read_bytes()) if FILE.exists() else {}
    return found
