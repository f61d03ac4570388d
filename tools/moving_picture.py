"""Draw the README's moving picture anew: the control room in a true run, as a GIF.

    PYTHONPATH=. python tools/moving_picture.py

Boards are stopped at half past seven; three minutes later a flight is cancelled. The same run gives the same moments;
letters are drawn by the browser that is found, so that other machines give other bytes.
"""

from __future__ import annotations

import tempfile
from base64 import b64decode, b64encode
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import FloatRect, ViewportSize

from eventlab.airports import Scenario
from eventlab.control_room import control_room
from tests.browser.lab import Browser

TARGET = Path(__file__).parent.parent / "docs" / "control-room.gif"
FLIGHTS = ["9E3422-JFK-0208", "B61004-JFK-0208", "B61026-JFK-0208"]  # the one cancelled, two that take its passengers
MINUTE = 60_000  # milliseconds of the run, which begins at 07:25
STOP, MEND = 5 * MINUTE, 35 * MINUTE
AREA: FloatRect = {
    "x": 0,
    "y": 58,
    "width": 1378,
    "height": 870,
}  # pixels: clock, acts, both architectures
WINDOW: ViewportSize = {"width": 1700, "height": 1000}
SCALE = 0.65
COLOURS = 255  # and one for what stays as it was
Pixels = NDArray[np.uint8]

DECODE = """async (png) => {
  const image = await createImageBitmap(await (await fetch(`data:image/png;base64,${png}`)).blob());
  const canvas = new OffscreenCanvas(image.width, image.height), brush = canvas.getContext("2d");
  brush.drawImage(image, 0, 0);
  const { data } = brush.getImageData(0, 0, image.width, image.height);
  let text = "";
  for (let at = 0; at < data.length; at += 32768) text += String.fromCharCode(...data.subarray(at, at + 32768));
  return [image.width, image.height, btoa(text)];
}"""
GO = "t => document.querySelector('.eventlab-room').room.clock.go(t)"


def moments(cancelled: int) -> list[tuple[int, int]]:
    """When the room is shown, in milliseconds of the run, and for how long, in hundredths of a second."""
    news = [(cancelled + 60 * step, 12) for step in range(-2, 22)]
    after = [(cancelled + 1_000 * seconds, 15) for seconds in (2, 5, 10, 30, 60)]
    later = [(minutes * MINUTE, 40) for minutes in (20, 25, 30)]
    mended = [(MEND + milliseconds, 20) for milliseconds in (-1_000, 50, 100, 150, 200, 300, 500, 1_000)]
    return [(STOP - 5_000, 120), (STOP + 1_000, 120), *news, *after, *later, *mended, (MEND + 5_000, 300)]


def frames() -> Iterator[tuple[Pixels, int]]:
    """Pictures of the room and how long each is shown."""
    scenario = Scenario(flights=FLIGHTS, questions=1)
    room = control_room(scenario, "request-driven", "event-carried state transfer")
    room.session.hear({"kind": "act", "at": STOP, "verb": "stop", "target": "boards", "until": MEND})
    while room.session.work(1.0):
        pass
    begin = scenario.at("07:25")
    said = [(each.time - begin) // 1_000_000 for each in scenario.commands]  # nanoseconds
    cancelled = min(moment for moment in said if moment > STOP)
    with tempfile.TemporaryDirectory() as folder, Browser() as browser:
        page, blank = browser.page(SCALE), browser.page()
        page.set_viewport_size(WINDOW)
        page.goto(room.save(Path(folder) / "room.html").as_uri())
        page.wait_for_selector(".eventlab-room .clock")
        for moment, long in moments(cancelled):
            page.evaluate(GO, moment)
            page.wait_for_timeout(250)  # what moves to its place has arrived
            shot = page.screenshot(clip=AREA, animations="disabled")
            width, height, data = blank.evaluate(DECODE, b64encode(shot).decode())
            yield np.frombuffer(b64decode(data), np.uint8).reshape(height, width, 4)[:, :, :3], long


# GIF ------------------------------------------------------------------------------------------------------------------


def gif(shown: list[tuple[Pixels, int]]) -> bytes:
    """An endless GIF; of each picture the part that changed."""
    height, width, _ = shown[0][0].shape
    palette, numbers = indexed([picture for picture, _ in shown])
    size = width.to_bytes(2, "little") + height.to_bytes(2, "little")
    parts = [b"GIF89a", size, b"\xf7\0\0", palette, b"\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0\0"]
    before = np.full((height, width), COLOURS, np.uint8)
    for picture, (_, long) in zip(numbers, shown, strict=True):
        parts.append(frame(picture, before, long))
        before = picture
    return b"".join([*parts, b"\x3b"])


def indexed(pictures: list[Pixels]) -> tuple[bytes, list[Pixels]]:
    """The colours that are used most, and each picture in numbers of these."""
    small = [picture.astype(np.uint32) >> 3 for picture in pictures]
    keys = [(each[:, :, 0] << 10) | (each[:, :, 1] << 5) | each[:, :, 2] for each in small]
    counts = sum(np.bincount(each.ravel(), minlength=1 << 15) for each in keys)
    assert not isinstance(counts, int)
    most = np.argsort(-counts, kind="stable")[:COLOURS]
    all_colours = np.array([[key >> 10, key >> 5 & 31, key & 31] for key in range(1 << 15)], np.int32)
    known = all_colours[most]
    nearest = np.zeros(1 << 15, np.uint8)
    for key in np.flatnonzero(counts):
        nearest[key] = np.argmin(((known - all_colours[key]) ** 2).sum(axis=1))
    colours = (known * 255 // 31).astype(np.uint8).tobytes()
    return colours.ljust(768, b"\0"), [nearest[each] for each in keys]


def frame(picture: Pixels, before: Pixels, long: int) -> bytes:
    """One picture: a box around what changed, in which all that stayed is transparent."""
    changed = picture != before
    rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
    top, bottom = (int(rows[0]), int(rows[-1]) + 1) if rows.size else (0, 1)
    left, right = (int(columns[0]), int(columns[-1]) + 1) if columns.size else (0, 1)
    box = np.where(changed, picture, COLOURS)[top:bottom, left:right].astype(np.uint8)
    control = b"\x21\xf9\x04\x05" + long.to_bytes(2, "little") + bytes([COLOURS, 0])
    place = b"".join(each.to_bytes(2, "little") for each in (left, top, right - left, bottom - top))
    data = packed(box.tobytes())
    blocks = [bytes([len(data[at : at + 255])]) + data[at : at + 255] for at in range(0, len(data), 255)]
    return b"".join([control, b"\x2c", place, b"\0\x08", *blocks, b"\0"])


def packed(data: bytes) -> bytes:
    """LZW as GIF has it: codes of 9 to 12 bits, begun anew when 4,096 are used."""
    out, bits, filled, wide = bytearray(), 0, 0, 9

    def put(code: int) -> None:
        nonlocal bits, filled
        bits, filled = bits | code << filled, filled + wide
        while filled >= 8:
            out.append(bits & 255)
            bits, filled = bits >> 8, filled - 8

    single = {bytes([each]): each for each in range(256)}
    known, word = dict(single), b""
    put(256)  # begin anew
    for number in data:
        longer = word + bytes([number])
        if longer in known:
            word = longer
            continue
        put(known[word])
        known[longer], word = len(known) + 2, longer[-1:]
        if known[longer] == 1 << wide:
            wide += 1
        if known[longer] == 4095:
            put(256)
            known, wide = dict(single), 9
    for code in (known[word], 257):  # 257: the end
        put(code)
    return bytes(out) + bytes([bits])


if __name__ == "__main__":
    TARGET.write_bytes(gif(list(frames())))
    print(f"{TARGET}: {TARGET.stat().st_size:,} bytes")
