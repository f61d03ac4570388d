"""What a submission may use, and the doors that are closed before its first line runs, as far as the system has them.

Called in the submission's own process. Nothing here promises safety against somebody who breaks the kernel or Python
itself: without a container, what the same account may read elsewhere is only kept away where the kernel does it.
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys
import sysconfig
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

CPU, MEMORY, FILE, FILES = 20, 1 << 30, 1 << 20, 64  # seconds, bytes in all, bytes of a file, open files
NOBODY = 65534
WORKS = {  # what is said of each door
    "limits": "limits of processor time, memory, files and their size",
    "files": "no file but those of Python can be read (Landlock)",
    "calls": "no process can be started or signalled, no connection opened (seccomp)",
    "network": "no network (a namespace of its own)",
    "user": "a user of its own",
}
FORBIDDEN = (  # events of Python's own audit: the doors where the kernel has none, and a second lock where it has
    "ctypes", "subprocess", "socket", "os.fork", "os.forkpty", "os.exec", "os.posix_spawn", "os.spawn", "os.system",
    "os.kill", "os.killpg", "os.startfile", "os.remove", "os.rename", "os.rmdir", "os.link", "os.symlink", "os.chmod",
    "os.chown", "os.truncate", "os.setxattr", "os.putenv", "signal.pthread_kill", "pty.spawn", "shutil", "mmap",
    "sqlite3.connect", "webbrowser", "ensurepip", "urllib", "ftplib", "smtplib", "_thread.start_new_thread",
    "sys.settrace", "sys.setprofile",
)  # fmt: skip

LISTED = ("os.listdir", "os.scandir")


def close_the_doors(settings: dict[str, Any]) -> list[str]:
    """Close every door that this system has; which ones. `settings`: what may be read, what not, and the seconds."""
    libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
    for name in settings["modules"]:
        with suppress(Exception):  # of Python or a library, for there is nothing else; later its files may be shut
            import_module(name)
    closed = {"limits": _limit(settings["cpu"])}
    if libc is not None:
        closed["network"] = _own_network(libc)
        closed["user"] = _own_user(settings["readable"])
        end_with_parent(libc)
        libc.prctl(38, 1, 0, 0, 0)  # no new privileges, for ever
        closed["files"] = _read_only(libc, settings["readable"])
        closed["calls"] = _few_calls(libc)
    _listen(settings)
    return [name for name, done in closed.items() if done]


def _limit(cpu: int) -> bool:
    try:
        import resource
    except ImportError:
        return False  # Windows has no such limits
    most = {"RLIMIT_CPU": cpu, "RLIMIT_AS": MEMORY, "RLIMIT_FSIZE": FILE, "RLIMIT_NOFILE": FILES, "RLIMIT_CORE": 0}
    for name, value in most.items():
        with suppress(AttributeError, ValueError, OSError):
            resource.setrlimit(getattr(resource, name), (value, value))
    return True


def _own_network(libc: Any) -> bool:
    """A namespace in which there is no network; who is not root needs a namespace for users around it."""
    network, ipc, user = 0x40000000, 0x08000000, 0x10000000
    return bool(libc.unshare(network | ipc) == 0 or libc.unshare(user | network | ipc) == 0)


def end_with_parent(libc: Any = None) -> None:
    """Let this process be killed as soon as the one that started it ends, however that ends. Where Linux does it.

    Whoever becomes another user afterwards has to ask for it again.
    """
    if sys.platform == "linux":
        (libc or ctypes.CDLL(None)).prctl(1, 9, 0, 0, 0)


def why_no_user(readable: Sequence[str]) -> str:
    """In words, why a submission's process cannot have a user of its own; nothing, if it can."""
    if not hasattr(os, "geteuid") or sys.platform != "linux":
        return "there is none to lend on this system"
    if os.geteuid() != 0:
        return "only root can lend one"
    shut = sorted({str(folder) for path in readable for folder in _shut(path)})
    return f"nobody else may read {shut[0]}, and Python's files lie in it" if shut else ""


def _own_user(readable: Sequence[str]) -> bool:
    """Become nobody, if we are root and nobody may read Python's own files."""
    if why_no_user(readable):
        return False
    import resource  # while Python's own files can be read

    with suppress(OSError):
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
        resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
        return True
    return False


def _shut(path: str) -> list[Path]:
    """The folders on the way to a file that are not open to everybody."""
    return [each for each in (Path(path), *Path(path).parents) if each.is_dir() and not each.stat().st_mode & 0o001]


# The kernel's doors ---------------------------------------------------------------------------------------------------


def _read_only(libc: Any, readable: Sequence[str]) -> bool:
    """Landlock: these folders can be read, nothing can be written, and nobody outside can be looked into."""
    version = libc.syscall(444, None, ctypes.c_size_t(0), ctypes.c_uint32(1))
    if version < 1:
        return False
    files = (1 << (13 if version < 2 else 14 if version < 3 else 15 if version < 5 else 16)) - 1
    handled = struct.pack("=QQQ", files, 3 if version >= 4 else 0, 3 if version >= 6 else 0)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    rules = libc.syscall(444, ctypes.c_char_p(handled), ctypes.c_size_t(size), ctypes.c_uint32(0))
    if rules < 0:
        return False
    for name in readable:
        with suppress(OSError):
            folder = os.open(name, 0o10000000)  # O_PATH
            allowed = struct.pack("=Qi", 0b1101 if os.path.isdir(name) else 0b101, folder)  # run, read, list
            libc.syscall(445, rules, 1, ctypes.c_char_p(allowed), ctypes.c_uint32(0))
            os.close(folder)
    done = libc.syscall(446, rules, ctypes.c_uint32(0)) == 0
    os.close(rules)
    return bool(done)


CALLS = {  # by machine: how seccomp knows it, and the numbers of what nobody needs who computes an answer
    "x86_64": (0xC000003E, (41, 42, 43, 49, 50, 53, 56, 57, 58, 59, 62, 101, 129, 200, 234, 272, 297, 298, 308, 310,
                            311, 321, 322, 323, 425, 434, 435, 424, 109, 112)),
    "aarch64": (0xC00000B7, (117, 129, 130, 131, 138, 154, 157, 198, 199, 200, 201, 202, 203, 220, 221, 240, 241, 242,
                             268, 270, 271, 97, 280, 281, 282, 424, 425, 434, 435)),
}  # fmt: skip


def _few_calls(libc: Any) -> bool:
    """Seccomp: no process is started, signalled or looked into, and no connection is opened."""
    if (known := CALLS.get(os.uname().machine)) is None:
        return False
    machine, numbers = known
    load, equal, give = 0x20, 0x15, 0x06
    allow, refuse = 0x7FFF0000, 0x00050001  # EPERM
    steps = [(load, 0, 0, 4), (equal, 1, 0, machine), (give, 0, 0, refuse), (load, 0, 0, 0)]
    if os.uname().machine == "x86_64":
        steps += [(0x35, 0, 1, 0x40000000), (give, 0, 0, refuse)]  # the calls of x32 have other numbers
    for number in numbers:
        steps += [(equal, 0, 1, number), (give, 0, 0, refuse)]
    steps.append((give, 0, 0, allow))
    code = b"".join(struct.pack("=HBBI", *step) for step in steps)
    kept = ctypes.create_string_buffer(code)
    program = struct.pack("@HP", len(steps), ctypes.addressof(kept))
    return bool(libc.prctl(22, 2, ctypes.c_char_p(program), 0, 0) == 0)


# Python's own doors ---------------------------------------------------------------------------------------------------


def _listen(settings: dict[str, Any]) -> None:
    """Refuse what Python itself reports: the lessons' files, writing, processes, connections."""
    hidden, readable = tuple(settings["hidden"]), tuple(settings["readable"])

    def look(event: str, arguments: Any) -> None:
        if event == "open":
            path, mode = str(arguments[0]), str(arguments[1] or "")
            path = os.path.realpath(path)
            writes = any(sign in mode for sign in "wax+") or (arguments[2] or 0) & (os.O_WRONLY | os.O_RDWR)
            if writes or path.startswith(hidden) or not path.startswith(readable):
                raise PermissionError(f"{event} is not allowed while an answer is graded")
        elif event.startswith(FORBIDDEN) or (event in LISTED and not _within(arguments, readable)):
            raise PermissionError(f"{event} is not allowed while an answer is graded")

    sys.addaudithook(look)


def _within(arguments: Any, readable: tuple[str, ...]) -> bool:
    return str(os.path.realpath(str(arguments[0] or "."))).startswith(readable)


def libraries(hidden: str) -> list[str]:
    """The files of Python and of the installed libraries, without the package that holds the lessons."""
    found = [sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib"), "/usr/share/zoneinfo", "/dev/urandom"]
    for place in {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}:
        found += [str(each) for each in Path(place).iterdir() if not each.name.startswith(("eventlab", "__"))]
    found += [each for each in ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache") if os.path.exists(each)]
    real = [os.path.realpath(each) for each in found if os.path.exists(each)]
    return sorted({each for each in real if not each.startswith(hidden) and not hidden.startswith(each + os.sep)})
