"""A page of its own, made small: its data packed with gzip, which browsers unpack; nothing else of it changes."""

from __future__ import annotations

import re
from base64 import b64encode
from gzip import compress
from hashlib import sha256
from pathlib import Path

DATA = re.compile(r'(<script type="application/json" id="data">)(.*?)(</script>)', re.DOTALL)
SCRIPT = re.compile(r'(<script type="module">)(.*?)(</script>)', re.DOTALL)
POLICY = re.compile(r"script-src '[^']*'")
PLAIN = 'JSON.parse(document.getElementById("data").textContent)'
UNPACKED = """await (async () => {
  if (!window.DecompressionStream) {
    document.body.textContent = "This browser is too old to play this: open the page in a browser of 2023 or later.";
    throw new Error("no DecompressionStream");
  }
  const packed = Uint8Array.from(atob(document.getElementById("data").textContent), (each) => each.charCodeAt(0));
  return new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"))).json();
})()"""


def pack(path: Path) -> Path:
    """Pack the data of the page in this file; gives its path back."""
    page = path.read_text("utf-8")
    script = SCRIPT.findall(page)[0][1].replace(PLAIN, UNPACKED)
    assert UNPACKED in script, f"{path.name} does not read its data as expected"
    page = DATA.sub(lambda found: f"{found[1]}{_packed(found[2])}{found[3]}", page)
    page = SCRIPT.sub(lambda found: f"{found[1]}{script}{found[3]}", page)
    page = POLICY.sub(f"script-src '{_hash(script)}'", page)
    path.write_text(page, "utf-8", newline="\n")
    return path


def _packed(text: str) -> str:
    return b64encode(compress(text.encode(), 9, mtime=0)).decode()


def _hash(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"
