"""Crypto-shredding: who is forgotten cannot be read any more, everything else can, and the log never changes."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from eventlab import Event, Invalid, Store
from eventlab.shredding import FORGOTTEN, Forgotten, Keys, KeysUnavailable, Shredder, Unreadable
from tests.support import REPO

FIELDS = {"seat.booked": ["name", "meal"], "bag.checked": ["weight"]}
ANNA = Event("seat.booked", {"passenger": "p-1", "name": "Anna", "meal": ["no", "nuts"], "seat": "12A"}, id="desk-1")
BEN = Event("seat.booked", {"passenger": "p-2", "name": "Ben", "seat": "12B"}, id="desk-2")


def shredder(keys: Keys | None = None) -> Shredder:
    return Shredder(keys or Keys(), FIELDS, person="passenger")


def moved(field: str, *, to: Event, name: str = "") -> Event:
    """The event `to` with the sealed field of Anna's event in it."""
    return to.with_(data={**to.data, name or field: SEALED.data[field]})


desk = shredder()
SEALED, OTHER = desk.seal(ANNA), desk.seal(BEN)


# What is sealed can be opened ---------------------------------------------------------------------------------------


def test_a_sealed_event_is_stored_read_and_opened() -> None:
    with Store() as store:
        store.append("seat-12A", SEALED)
        found = next(store.read_all()).event
    assert "Anna" not in str(found) and found.data["seat"] == "12A"
    assert desk.open(found) == ANNA


def test_the_same_event_is_sealed_the_same_so_that_its_append_may_be_repeated() -> None:
    with Store() as store:
        store.append("seat-12A", desk.seal(ANNA))
        assert store.append("seat-12A", desk.seal(ANNA)).duplicate


def test_one_name_looks_different_in_each_event_field_and_person() -> None:
    events = [Event("seat.booked", {"passenger": who, "name": "Anna", "meal": "Anna"}, id=f"{n}")
              for who in ("p-1", "p-2") for n in (1, 2)]  # fmt: skip
    seen = [str(desk.seal(event).data[name]) for event in events for name in ("name", "meal")]
    assert len(set(seen)) == len(seen)


def test_events_without_personal_fields_pass_as_they_are() -> None:
    for event in (Event("flight.delayed", {"name": "x"}, id="1"), Event("seat.booked", {"seat": "1A"})):
        assert desk.seal(event) is event and desk.open(event) is event


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8"), max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", max_size=3), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


@settings(max_examples=40)
@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=9), VALUES, VALUES)
def test_whatever_is_sealed_opens_as_it_was_and_not_at_all_once_forgotten(person: str, name: Any, meal: Any) -> None:
    with Keys() as keys:
        mine = shredder(keys)
        event = Event("seat.booked", {"passenger": person, "name": name, "meal": meal}, id="1")
        sealed = mine.seal(event)
        assert mine.open(sealed) == event
        assert keys.forget(person)
        assert mine.open(sealed).data == {"passenger": person, "name": FORGOTTEN, "meal": FORGOTTEN}


# Forgetting ---------------------------------------------------------------------------------------------------------


def test_to_forget_one_person_leaves_the_log_and_everybody_else(tmp_path: Path) -> None:
    with Store(tmp_path / "events.db") as store, Keys(tmp_path / "keys.db") as keys:
        mine = shredder(keys)
        for number, event in enumerate([ANNA, BEN]):
            store.append(f"seat-{number}", mine.seal(event))
        before = list(store.read_all())
        assert keys.forget("p-1")
        store.verify()
        assert list(store.read_all()) == before
        anna, ben = (mine.open(each.event) for each in before)
        assert anna.data == {"passenger": "p-1", "name": FORGOTTEN, "meal": FORGOTTEN, "seat": "12A"}
        assert ben == BEN
        assert (keys.people(), keys.forgotten()) == (["p-2"], ["p-1"])


def test_to_forget_twice_or_somebody_unknown_changes_nothing_else() -> None:
    with Keys() as keys:
        mine = shredder(keys)
        sealed = mine.seal(BEN)
        assert [keys.forget("p-1"), keys.forget("p-1")] == [False, False]
        assert (keys.people(), keys.forgotten()) == (["p-2"], ["p-1"])
        assert mine.open(sealed) == BEN


def test_keys_that_somebody_else_holds_are_said_to_be_busy_whatever_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eventlab.keyfile.PATIENCE", 0)
    with Keys(tmp_path / "keys.db") as keys, Keys(tmp_path / "keys.db") as others:
        with others._db:
            for ask in (keys.made, keys.forget):
                with pytest.raises(KeysUnavailable, match="locked"):
                    ask("p-17")
        assert keys.made("p-17") and keys.forget("p-17")


def test_an_event_that_was_on_its_way_makes_no_new_key_for_who_is_forgotten() -> None:
    with Keys() as keys:
        mine = shredder(keys)
        mine.seal(ANNA)
        keys.forget("p-1")
        with pytest.raises(Forgotten, match="'p-1' has been forgotten"):
            mine.seal(ANNA.with_(id="desk-3"))
        assert keys.people() == []


def test_another_process_forgets_for_all(tmp_path: Path) -> None:
    with Keys(tmp_path / "keys.db") as keys, Keys(tmp_path / "keys.db") as elsewhere:
        sealed = shredder(keys).seal(ANNA)
        assert shredder(elsewhere).open(sealed) == ANNA
        elsewhere.forget("p-1")
        assert shredder(keys).open(sealed).data["name"] == FORGOTTEN


def test_no_file_beside_the_events_holds_the_key_of_who_is_forgotten(tmp_path: Path) -> None:
    def files_with(key: bytes) -> list[str]:
        return [path.name for path in tmp_path.iterdir() if key in path.read_bytes()]

    with Keys(tmp_path / "keys.db") as keys:
        gone, kept = keys.made("p-1"), keys.made("p-2")
    assert gone and kept and files_with(gone) == files_with(kept) == ["keys.db"]
    with Keys(tmp_path / "keys.db") as keys:
        keys.forget("p-1")
    assert (files_with(gone), files_with(kept)) == ([], ["keys.db"])


KILLED = """
import sys
from eventlab.shredding import Keys
keys = Keys(sys.argv[1])
for person in keys.people():
    print(person, flush=True)
    keys.forget(person)
"""


@pytest.mark.skipif(os.name == "nt", reason="no kill -9")
def test_killed_while_it_forgets_each_person_is_either_known_or_forgotten(tmp_path: Path) -> None:
    everybody = [f"p-{number:03}" for number in range(60)]
    with Keys(tmp_path / "keys.db") as keys:
        mine = shredder(keys)
        sealed = [mine.seal(Event("bag.checked", {"passenger": who, "weight": 20}, id=who)) for who in everybody]
    environment, struck = {**os.environ, "PYTHONPATH": str(REPO)}, 0
    for _ in range(2):
        program = [sys.executable, "-c", KILLED, str(tmp_path / "keys.db")]
        with subprocess.Popen(program, stdout=subprocess.PIPE, text=True, env=environment) as child:
            assert child.stdout is not None
            begun = child.stdout.readline()
            time.sleep(0.01)
            child.send_signal(signal.SIGKILL)
            begun += child.stdout.read()
        with Keys(tmp_path / "keys.db") as keys:
            mine, told = shredder(keys), begun.split()
            struck += bool(told) and bool(keys.people())
            assert set(told[:-1]) <= set(keys.forgotten()), "what was said to be done is done"
            assert sorted(keys.people() + keys.forgotten()) == everybody
            read = {event.id: mine.open(event).data["weight"] for event in sealed}
            assert read == {who: FORGOTTEN if keys.has_forgotten(who) else 20 for who in everybody}
    assert struck, "no kill fell among the forgetting"


# Attacks on what is sealed ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("forged", "why"),
    [
        (moved("name", to=OTHER), "another person's"),
        (moved("name", to=SEALED.with_(id="desk-9")), "another event's"),
        (moved("name", to=SEALED, name="meal"), "another field's"),
        (SEALED.with_(data={**SEALED.data, "passenger": "p-2"}), "the event's person changed"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_sealed_value_opens_in_no_other_place(forged: Event, why: str) -> None:
    with pytest.raises(Unreadable, match="it is not what was sealed there"):
        desk.open(forged)


def test_a_sealed_value_with_any_byte_changed_or_cut_off_does_not_open() -> None:
    text = SEALED.data["name"]["sealed:1"]
    changed = [text[:n] + ("A" if text[n] != "A" else "B") + text[n + 1 :] for n in range(len(text.rstrip("=")) - 1)]
    for forged in [*changed, text[:-4], text[:8], "", "no base64!", 7, None, ["x"]]:
        with pytest.raises(Unreadable):
            desk.open(SEALED.with_(data={**SEALED.data, "name": {"sealed:1": forged}}))


def test_another_key_opens_nothing_and_no_key_is_not_forgotten() -> None:
    with Keys() as other:
        with pytest.raises(Unreadable, match="there is no such key"):
            shredder(other).open(SEALED)
        other.made("p-1")
        with pytest.raises(Unreadable, match="another key sealed it"):
            shredder(other).open(SEALED)


def test_an_event_that_does_not_say_whose_it_is_cannot_be_opened() -> None:
    for who in ("", 7, None):
        with pytest.raises(Unreadable, match="does not say whose"):
            desk.open(SEALED.with_(data={**SEALED.data, "passenger": who}))


# Attacks on the file of keys -----------------------------------------------------------------------------------------


def spoilt(path: Path, sql: str) -> None:
    with closing(sqlite3.connect(path)) as file, file:
        file.execute(sql)


@pytest.mark.parametrize(
    "sql",
    ["UPDATE keys SET key = substr(key, 2)", "UPDATE keys SET key = zeroblob(64)", "UPDATE keys SET sum = NULL",
     "UPDATE keys SET key = (SELECT key FROM keys WHERE person = 'p-2')"],
)  # fmt: skip
def test_a_damaged_key_is_named_and_never_taken_for_forgotten(tmp_path: Path, sql: str) -> None:
    with Keys(tmp_path / "keys.db") as keys:
        sealed = shredder(keys).seal(ANNA)
        keys.made("p-2")
    spoilt(tmp_path / "keys.db", f"{sql} WHERE person = 'p-1'")
    with Keys(tmp_path / "keys.db") as keys, pytest.raises(KeysUnavailable, match="the key of 'p-1' is damaged"):
        shredder(keys).open(sealed)


def _read(path: Path) -> None:
    with Keys(path) as keys:
        for number in range(100):
            keys.key(f"p-{number}")


def _nothing_left(path: Path) -> None:
    path.write_bytes(b"")


def _text(path: Path) -> None:
    path.write_bytes(b"no file of keys, but long enough to be one " * 40)


def _half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:5000])


def _a_store(path: Path) -> None:
    path.unlink()
    Store(path).close()


def _somebody_elses(path: Path) -> None:
    path.unlink()
    spoilt(path, "CREATE TABLE keys (person TEXT, key BLOB, sum BLOB)")


@pytest.mark.parametrize("damage", [_text, _half, _a_store, _somebody_elses])
def test_a_file_that_holds_no_keys_is_refused_and_left_as_it_is(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    with Keys(tmp_path / "keys.db") as keys:
        for number in range(100):
            keys.made(f"p-{number}")
    damage(tmp_path / "keys.db")
    found = (tmp_path / "keys.db").read_bytes()
    with pytest.raises(KeysUnavailable):
        _read(tmp_path / "keys.db")
    assert (tmp_path / "keys.db").read_bytes() == found


def test_an_emptied_file_of_keys_forgets_nobody_silently(tmp_path: Path) -> None:
    with Keys(tmp_path / "keys.db") as keys:
        sealed = shredder(keys).seal(ANNA)
    _nothing_left(tmp_path / "keys.db")
    with Keys(tmp_path / "keys.db") as keys, pytest.raises(Unreadable, match="no such key"):
        shredder(keys).open(sealed)


def test_keys_that_are_closed_are_refused() -> None:
    keys = Keys()
    sealed = shredder(keys).seal(ANNA)
    keys.close()
    keys.close()
    for call in (keys.people, keys.forgotten, lambda: keys.forget("p-1"), lambda: shredder(keys).open(sealed)):
        with pytest.raises(KeysUnavailable, match="closed"):
            call()


# Wrong calls ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "call",
    [
        lambda: Keys("file:x"),
        lambda: Keys(7),  # type: ignore[arg-type]
        lambda: Keys().key(""),
        lambda: Keys().forget(None),  # type: ignore[arg-type]
        lambda: Shredder("keys", FIELDS),  # type: ignore[arg-type]
        lambda: Shredder(Keys(), ["name"]),  # type: ignore[arg-type]
        lambda: Shredder(Keys(), {"seat.booked": "name"}),
        lambda: Shredder(Keys(), {"seat.booked": ["who"]}, person="who"),
        lambda: desk.seal("event"),  # type: ignore[arg-type]
        lambda: desk.open({}),  # type: ignore[arg-type]
        lambda: desk.seal(ANNA.with_(id="")),
        lambda: desk.seal(ANNA.with_(data={"name": "Anna"})),
        lambda: desk.seal(ANNA.with_(data={"name": "Anna", "passenger": 17})),
        lambda: desk.seal(SEALED),
    ],
)
def test_a_wrong_call_is_refused_with_what_was_expected(call: Callable[[], object]) -> None:
    with pytest.raises(Invalid, match="expected"):
        call()


def test_without_the_library_all_else_works_and_one_sentence_says_what_to_install() -> None:
    program = """
import sys
sys.modules["cryptography"] = None
import eventlab.shredding as shredding
keys = shredding.Keys()
try:
    shredding.Shredder(keys, {})
except shredding.KeysUnavailable as missing:
    print(missing)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=REPO)
    assert done.stdout.strip() == (
        "sealing cannot be used: it needs the package cryptography: pip install eventlab[shredding]"
    ), done.stderr
