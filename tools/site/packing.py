"""A page of its own, made small: its data and its script packed with gzip, which browsers unpack; the rest stays."""

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
UNPACKED = 'JSON.parse(await window.eventlabUnpacked("data"))'
BEGIN = """
if (!window.DecompressionStream) {
  document.body.textContent = "This browser is too old to play this: open the page in a browser of 2023 or later.";
  throw new Error("no DecompressionStream");
}
window.eventlabUnpacked = (id) => {
  const packed = Uint8Array.from(atob(document.getElementById(id).textContent), (each) => each.charCodeAt(0));
  return new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
};
const script = Object.assign(document.createElement("script"), { type: "module" });
script.textContent = await window.eventlabUnpacked("script");
document.body.append(script);
"""


def pack(path: Path) -> Path:
    """Pack the data and the script of the page in this file; gives its path back."""
    page = path.read_text("utf-8")
    script = SCRIPT.findall(page)[0][1].replace(PLAIN, UNPACKED)
    assert UNPACKED in script, f"{path.name} does not read its data as expected"
    page = DATA.sub(lambda found: f"{found[1]}{_packed(found[2])}{found[3]}", page)
    packed = f'<script type="application/json" id="script">{_packed(script)}</script>\n'
    page = SCRIPT.sub(lambda found: f"{packed}{found[1]}{BEGIN}{found[3]}", page)
    page = POLICY.sub(f"script-src '{_hash(BEGIN)}' '{_hash(script)}'", page)
    path.write_text(page, "utf-8", newline="\n")
    return path


def _packed(text: str) -> str:
    return b64encode(compress(text.encode(), 9, mtime=0)).decode()


def _hash(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"
