"""Results on disk: each written whole or not at all, under a name made of the answer, and sealed with the course's key.

So a batch that was ended in the middle goes on where it was, and an answer is judged once, however often one grades.
"""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path

import msgspec

from eventlab.classroom.judge import Answer, Result
from eventlab.lessons.judging.progress import write_whole

PACKAGE = Path(__file__).parents[1]


class Results:
    """A folder of results."""

    def __init__(self, folder: Path, key: str) -> None:
        self.folder, self.key = folder, hashlib.sha256(key.encode()).digest()
        folder.mkdir(parents=True, exist_ok=True)
        self._code = code_digest()

    def name(self, answer: Answer, parts: int, folder: str = "") -> str:
        """What the result of this answer is called; `folder` holds the exercise, if it is an instructor's own."""
        files = sorted(each for each in Path(folder).iterdir() if each.is_file()) if folder else []
        own = [[each.name, each.read_bytes()] for each in files]
        said = msgspec.json.encode([answer, parts, self._code, own])
        return hmac.new(self.key, said, hashlib.sha256).hexdigest()

    def read(self, name: str) -> Result | None:
        """The result, if it is there, whole, and as it was written."""
        try:
            seal, _, content = (self.folder / f"{name}.json").read_bytes().partition(b"\n")
            if hmac.compare_digest(seal, self._seal(name, content)):
                return msgspec.json.decode(content, type=Result)
        except (OSError, msgspec.DecodeError):
            pass
        return None

    def write(self, name: str, result: Result) -> None:
        """Keep the result."""
        content = msgspec.json.encode(result)
        write_whole(self.folder / f"{name}.json", self._seal(name, content) + b"\n" + content)

    def _seal(self, name: str, content: bytes) -> bytes:
        return hmac.new(self.key, name.encode() + content, hashlib.sha256).hexdigest().encode()


def code_digest() -> str:
    """What the package is known by: another version judges anew."""
    whole = hashlib.sha256()
    for path in sorted([*PACKAGE.rglob("*.py"), *PACKAGE.rglob("*.toml")]):
        whole.update(path.relative_to(PACKAGE).as_posix().encode() + b"\0" + path.read_bytes())
    return whole.hexdigest()
