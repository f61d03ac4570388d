"""Set up the workbook and open it: `python3 workbook.py`. Run every test: `python3 workbook.py test`.

Books for a class, and grading: `python3 workbook.py class`. The workbook as a web site: `python3 workbook.py site`.

Standard library only. What it makes stays beside this file: `.venv` (the packages of requirements.lock) and `.lab`
(JupyterLab's own settings, kept apart from those of the user's other Jupyter work). Deleting both undoes everything.
"""

import sys

# Python 3.6 must be able to read this file as far as here, and to compile the rest: no newer syntax in it.
if sys.version_info < (3, 11):
    sys.exit(
        "workbook.py needs Python 3.11 or newer; this is Python {0}.{1}, {2}.\n"
        "Install a newer Python and start again with it, for instance: python3.13 workbook.py".format(
            sys.version_info[0], sys.version_info[1], sys.executable
        )
    )

import argparse
import ast
import collections
import contextlib
import errno
import hashlib
import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import webbrowser
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

HERE = Path(__file__).resolve().parent
LOCK = HERE / "requirements.lock"
START = "notebooks/00-start-here.ipynb"
NEEDED_MB = 1000  # the installed packages (about 900), with some room for pip to unpack
ADDED = {"engines": "the real engines of lesson 13", "site": "what builds the web site"}  # requirements-….lock each
PATIENCE = 45 * 60  # seconds for one part of the tests; the longest takes about 20 minutes on two cores

STAMP = "eventlab-stamp"  # in an environment that is ready: what it was made from
MARK = "eventlab-made-this"  # in an environment that is ours, ready or not; held by the start that is making it

# Settings of the user's and of the site's that would change what is done here.
FAMILIES = (
    "PIP_ PYTHON __PYVENV_LAUNCHER__ JUPYTER JPY_ IPYTHON "  # what is started
    "PYTEST_ MYPY RUFF_ COVERAGE_ PANDAS_ PLOTLY_ ANYWIDGET_"  # what runs in it
).split()
# Of pip's, those that lead to packages stay: a mirror, a proxy, a certificate, a cache.
TO_PACKAGES = (
    "index-url extra-index-url no-index find-links proxy cert client-cert trusted-host cache-dir no-cache-dir "
    "keyring-provider timeout default-timeout retries"
).split()


class Stop(Exception):
    """A reason to give up that the user can do something about; shown as it stands, without a traceback."""


# The environment ------------------------------------------------------------------------------------------------------


def fingerprint() -> str:
    """What an up-to-date environment was made from: this Python and the lock, byte for byte."""
    try:
        lock = LOCK.read_bytes().replace(b"\r\n", b"\n")
    except OSError as error:
        raise Stop(f"{LOCK.name} cannot be read beside workbook.py ({error}). Is the download complete?") from error
    version = "{}.{}.{}".format(*sys.version_info[:3])
    return f"python {version} lock {hashlib.sha256(lock).hexdigest()}"


def python_in(folder: Path) -> Path:
    """The interpreter of an environment, wherever this system or conda puts it."""
    places = (
        [folder / "Scripts" / "python.exe", folder / "python.exe"] if os.name == "nt" else [folder / "bin" / "python"]
    )
    return next((place for place in places if place.exists()), places[0])


def state_of(folder: Path) -> str:
    """`ready`, `old` (the lock changed: install in place) or `absent` (missing, unfinished, moved, another Python)."""
    try:
        found = os.fsdecode((folder / STAMP).read_bytes())
    except OSError:
        return "absent"
    wanted = fingerprint()
    home = f"{wanted} at {folder}"  # scripts inside an environment name its place: moved, it must be made again
    if found == home and python_in(folder).exists():
        return "ready"
    same_python = found.split(" lock ")[0] == wanted.split(" lock ")[0] and found.endswith(f" at {folder}")
    return "old" if same_python and python_in(folder).exists() else "absent"


def set_up() -> Path:
    """The interpreter to use, after making or renewing its environment where needed."""
    given = os.environ.get("EVENTLAB_VENV")
    if given:  # somebody else keeps it (conda, Binder, a container): used as it stands
        python = python_in(Path(given).expanduser().absolute())
        if not python.exists():
            raise Stop(f"EVENTLAB_VENV={given}: there is no Python environment (looked for {python}).")
        advice = f"Install what pyproject.toml names into EVENTLAB_VENV={given}, or unset that variable."
        check(python, ["jupyterlab=="], advice)
        return python
    folder = HERE / ".venv"
    if state_of(folder) == "ready":
        advice = f"Delete the folder {folder} and start again: it is made anew."
        check(python_in(folder), [word for word in locked() if word in ("apsw", "msgspec")], advice)
        return python_in(folder)
    refuse_what_is_not_ours(folder)
    if state_of(folder) == "absent":
        check_that_it_can_be_made(folder)
    with alone_in(folder):
        if state_of(folder) != "ready":  # nobody made it while this start was waiting
            build(folder)
    return python_in(folder)


def refuse_what_is_not_ours(folder: Path) -> None:
    """Nothing is deleted, or installed, where somebody else may keep something."""
    if folder.resolve() != folder.parent.resolve() / folder.name:
        found = f"is a link to {folder.resolve()}"
    elif folder.exists() and not folder.is_dir():
        found = "is no folder"
    elif folder.exists() and os.listdir(folder) and {MARK, STAMP}.isdisjoint(os.listdir(folder)):
        found = "was not made by workbook.py"
    else:
        return
    raise Stop(
        f"{folder} {found}, so it stays as it is. Rename or remove it and start again.\n"
        f"If it is an environment that has the packages already: EVENTLAB_VENV={folder} python3 workbook.py"
    )


def check_that_it_can_be_made(folder: Path) -> None:
    """The reasons why an environment cannot be made, told before anything is written."""
    free = shutil.disk_usage(folder.parent).free // 1_000_000
    if free < NEEDED_MB:
        raise Stop(f"The packages need about {NEEDED_MB} MB in {folder.parent}; only {free} MB are free there.")
    try:
        import ensurepip  # noqa: F401  (Debian and Ubuntu leave it out)
        import venv  # noqa: F401
    except ImportError as error:
        raise Stop(no_venv()) from error


@contextlib.contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Only one start at a time works on the environment; others wait here. It carries our mark from the beginning."""
    try:
        folder.mkdir(exist_ok=True)
        mark = (folder / MARK).open("a")
    except OSError as error:
        raise Stop(
            f"No environment can be made in {folder.parent} ({error}).\nCopy the course to a folder of yours and start "
            "there, or name an environment that has the packages with EVENTLAB_VENV."
        ) from error
    with mark:  # closing it, or the end of this process, lets the next one in
        if not held(mark):
            say("Another start is making the environment; waiting until it is done ...")
            while not held(mark):
                time.sleep(0.2)
        if not mark.tell():
            mark.write("workbook.py made this folder, and may empty it.\n")
            mark.flush()
        yield


def held(file: IO[str]) -> bool:
    """Whether this process holds a file now. Where a file system cannot tell, it is taken to."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno not in (errno.EAGAIN, errno.EACCES, errno.EDEADLK)
    return True


def build(folder: Path) -> None:
    """Make the environment, or bring it up to date; look whether it works; then stamp it."""
    state, wanted = state_of(folder), fingerprint()
    (folder / STAMP).unlink(missing_ok=True)
    if state == "absent":
        make(folder)
    install(python_in(folder))
    check(python_in(folder), locked(), f"Start again; if that does not help, delete the folder {folder} first.")
    # Written last, so that an interrupted installation is not taken for a finished one.
    write_whole(folder / STAMP, os.fsencode(f"{wanted} at {folder}"))


def make(folder: Path) -> None:
    """A fresh, empty environment with pip in it."""
    say(f"Making a Python environment in {folder} ...")
    for path in folder.iterdir():
        if path.name == MARK:  # what is left half-emptied is still known as ours
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    with contextlib.ExitStack() as cleanup:
        place = folder
        if os.pathsep in str(folder) or not str(folder).isprintable():
            # venv refuses the first and cannot write down the second: it is made elsewhere, and moved.
            place = Path(cleanup.enter_context(tempfile.TemporaryDirectory(prefix="eventlab-")), ".venv")
        # -I and a process of its own: no setting of the user's reaches it.
        command = [sys.executable, "-I", "-m", "venv", str(place)]
        done = subprocess.run(command, env=child_environment(), capture_output=True, text=True, errors="replace")
        if done.returncode:
            raise Stop(f"{no_venv()}\n(What happened: {(done.stdout + done.stderr).strip()[-500:]})")
        if place != folder:
            for path in place.iterdir():
                shutil.move(path, folder)


def no_venv() -> str:
    version = "{}.{}".format(*sys.version_info[:2])
    return (
        f"This Python ({sys.executable}) cannot make environments: its venv or ensurepip module is missing.\n"
        f"On Debian and Ubuntu: sudo apt install python{version}-venv. Elsewhere, install Python from python.org."
    )


def add(name: str) -> None:
    """What not everybody needs, installed into the environment that `set_up` has made: one of `ADDED`."""
    lock = HERE / f"requirements-{name}.lock"
    given = os.environ.get("EVENTLAB_VENV")
    if given:
        python = python_in(Path(given).expanduser().absolute())
        check(python, locked(lock), f"Install {ADDED[name]} into EVENTLAB_VENV={given}: eventlab[{name}].")
        return
    folder = HERE / ".venv"
    stamp, wanted = folder / f"{STAMP}-{name}", hashlib.sha256(fingerprint().encode() + lock.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text("utf-8") == wanted:
        return
    with alone_in(folder):
        say(f"Adding {ADDED[name]} ...")
        install(python_in(folder), lock)
        check(python_in(folder), locked(lock), "Start again.")
        write_whole(stamp, wanted.encode())


def install(python: Path, lock: Path | None = None) -> None:
    """The locked packages, each checked against its hash, and this folder, so that `import eventlab` works."""
    if lock is None:
        say("Installing the packages (about 130; a minute or two the first time) ...")
    # --no-deps: the lock is complete, and it leaves one package out on purpose (pyproject.toml, [tool.uv]).
    # -P: what lies in the folder of the start is no module of pip's.
    command = [str(python), "-P", "-m", "pip", "install", "--require-hashes", "--no-deps", "--no-input"]
    command += ["--disable-pip-version-check", "--requirement", str(lock or LOCK)]
    begun = time.monotonic()
    code, words = run_telling(command)
    if code:
        raise Stop(why_pip_failed(words, code))
    # A .pth file is read in the encoding of the place: a line in ASCII, which spells this folder byte for byte. The
    # environment's Python writes it, since it knows where.
    line = f"import os, sys; sys.path.append(os.fsdecode({os.fsencode(HERE)!r}))\n"
    write = "import sys, sysconfig; open(sysconfig.get_path('purelib') + '/eventlab.pth', 'w').write(sys.argv[1])"
    subprocess.run([str(python), "-I", "-c", write, line], env=child_environment(), check=True)
    compiled = [str(python), "-P", "-m", "compileall", "-qq", str(HERE / "eventlab")]
    subprocess.run(compiled, env=child_environment(), check=False)
    say(f"Installed in {time.monotonic() - begun:.0f} s.")


def run_telling(command: Sequence[str]) -> tuple[int, str]:
    """Run pip with its output shown as it comes; its exit code, and the last lines it complained with."""
    last: collections.deque[str] = collections.deque(maxlen=60)
    environment = child_environment(PIP_CONFIG_FILE=os.devnull, **ways_to_packages(command[0]))
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, errors="replace", env=environment)
    with process:
        try:
            assert process.stderr is not None
            for line in process.stderr:
                sys.stderr.write(line)
                last.append(line)
        except BaseException:
            process.terminate()
            raise
    return process.returncode, "".join(last)


def ways_to_packages(python: str) -> dict[str, str]:
    """Those of pip's settings that lead to packages, from its files and from the environment, as variables for pip."""
    files = {name: value for name, value in os.environ.items() if name == "PIP_CONFIG_FILE"}
    command = [python, "-P", "-m", "pip", "config", "list"]
    listed = subprocess.run(
        command, env=child_environment(**files), capture_output=True, text=True, errors="replace", check=False
    )
    lines = re.findall(r"^(global|install)\.([\w-]+)=(['\"].*)$", listed.stdout, re.MULTILINE)
    found = {key: str(ast.literal_eval(value)) for _, key, value in sorted(lines, key=lambda line: line[0])}
    found |= {
        name[4:].lower().replace("_", "-"): value for name, value in os.environ.items() if name.startswith("PIP_")
    }
    return {f"PIP_{key.upper().replace('-', '_')}": found[key] for key in TO_PACKAGES if key in found}


def why_pip_failed(words: str, code: int) -> str:
    """What to do, from what pip said."""
    if "No space left" in words or "not enough space" in words:
        return f"The disk is full: the packages need about {NEEDED_MB} MB in {HERE}. Make room and start again."
    if "DO NOT MATCH THE HASHES" in words:
        return (
            "A downloaded package is not the one that was locked (a broken download, or something on the way changes\n"
            "files). Nothing of it was installed. Try: python -m pip cache purge, then start again."
        )
    signs = (
        "Connection",
        "Network is unreachable",
        "name resolution",
        "Failed to resolve",
        "timed out",
        "Timeout",
        "ProxyError",
        "SSLError",
        "getaddrinfo",
        "from versions: none",
    )
    if any(sign in words for sign in signs):
        return (
            "The packages could not be downloaded: the network is away, or a proxy or firewall is in between.\n"
            "Check the connection (behind a proxy, set HTTPS_PROXY; with a mirror of your own, set PIP_INDEX_URL) and\n"
            "start again: what was downloaded already is kept. Once installed, the workbook needs no network."
        )
    return f"pip failed (exit code {code}); its own words are above. Fix the cause and start again."


def locked(lock: Path | None = None) -> list[str]:
    """What must work in a finished environment: every package of a lock at its version, and some to be imported."""
    lines = re.findall(
        r"^([\w.-]+)(?:\[[^]]*\])?(==[^ ;\\\n]+)?(.*)", (lock or LOCK).read_text("utf-8", "replace"), re.M
    )
    names = {name for name, _, _ in lines}
    tried = ["anywidget", "apsw", "ipykernel", "jupyterlab", "msgspec", "networkx", "pandas", "plotly"]
    # Of a package with a marker (after the semicolon) only pip knows whether it belongs here.
    return [
        *(f"{name}{version or '=='}" for name, version, rest in lines if ";" not in rest),
        "eventlab",
        *(name for name in tried if name in names),
    ]


LOOK = """
import importlib, importlib.metadata, sys
for word in sys.argv[1:]:
    name, is_package, version = word.partition("==")
    try:
        if not is_package:
            importlib.import_module(name)
        elif version not in ("", found := importlib.metadata.version(name)):
            sys.exit(f"{name} is there as {found}, not {version}")
    except Exception as error:
        sys.exit(f"{name} cannot be used: {type(error).__name__}: {error}")
"""


def check(python: Path, words: Sequence[str], advice: str) -> None:
    """Raise `Stop` unless an environment has all `words`: packages (`name==version`, `name==`) and modules (`name`)."""
    command = [str(python), "-P", "-c", LOOK, *words]
    try:
        done = subprocess.run(command, env=child_environment(), capture_output=True, text=True, errors="replace")
    except OSError as error:
        raise Stop(f"The environment's Python does not start: {error}.\n{advice}") from error
    if done.returncode:
        said = done.stderr.strip().splitlines() or [f"its Python ends with exit code {done.returncode}"]
        raise Stop(f"The environment does not work: {said[-1]}.\n{advice}")


def child_environment(**more: str) -> dict[str, str]:
    """The environment for every program started here: the user's, without settings that would change what it does."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(tuple(FAMILIES))}
    if os.pathsep not in str(HERE):  # else the .pth file says it alone: a list of paths cannot
        kept["PYTHONPATH"] = str(HERE)
    return {**kept, "PYTHONNOUSERSITE": "1", **more}


def write_whole(path: Path, content: bytes) -> None:
    """Write a small file so that whoever reads it meanwhile, or after a crash, finds the old one or the new one."""
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        beside.write_bytes(content)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


# JupyterLab -----------------------------------------------------------------------------------------------------------

OVERRIDES = {
    "@jupyterlab/apputils-extension:notification": {"checkForUpdates": False, "fetchNews": "false"},
    # Every cell is in the page, also those off screen: text search and printing find them.
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},
}

# A widget of a notebook that was saved and opened again has no model, and says so until its cell is run. Its still
# picture, or the list of a question's answers, stands in the output after it and says more.
STYLE = """\
.jp-OutputArea-child:has(> .jupyter-widgets):not(:has(> .jupyter-widgets > *)) { display: none; }
"""


# The site's settings (in /etc/jupyter, /usr/local/share/jupyter, /etc/ipython) stay out as the user's do: they could
# open the server to all, or break each kernel. Only code can say so.
LAB = """
import jupyter_core.paths as paths
for name in ("SYSTEM_CONFIG_PATH", "SYSTEM_JUPYTER_PATH"):
    getattr(paths, name, []).clear()
from jupyterlab.labapp import main
main()
"""
KERNEL = """
import sys
del sys.path[0]  # the notebook's folder: it comes back when all is loaded, as with ipykernel_launcher
import IPython.core.application as application
getattr(application, "SYSTEM_CONFIG_DIRS", []).clear()
from ipykernel.kernelapp import launch_new_instance
launch_new_instance()
"""
PLACES = {
    "JUPYTER_CONFIG_DIR": "config",
    "JUPYTER_DATA_DIR": "data",
    "JUPYTER_RUNTIME_DIR": "runtime",
    "JUPYTERLAB_SETTINGS_DIR": "settings",
    "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
    "IPYTHONDIR": "ipython",
}


@contextlib.contextmanager
def own_home(name: str) -> Iterator[Path]:
    """A folder for the files of Jupyter: `.lab`, or one that lasts for the block where the course is read-only."""
    home = HERE / name
    try:
        for place in ("overrides", "data/kernels/python3", *PLACES.values()):
            (home / place).mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=home / place).close()
    except OSError as error:
        say(f"{home} cannot be written ({error.strerror}): JupyterLab forgets its settings when it is closed.")
        with tempfile.TemporaryDirectory(prefix="eventlab-", ignore_cleanup_errors=True) as elsewhere:
            yield Path(elsewhere)
    else:
        yield home


def own_places(python: Path, home: Path) -> dict[str, str]:
    """Where Jupyter and IPython keep their files: in `home`, so that neither side's settings touch the other's."""
    (home / "ipython").mkdir(parents=True, exist_ok=True)  # IPython complains where it cannot make it itself
    kernel = home / "data" / "kernels" / "python3"
    kernel.mkdir(parents=True, exist_ok=True)
    write_whole(kernel / "kernel.json", json.dumps(kernel_of(python)).encode("ascii"))
    # 0: our kernel comes before the one of the same name that ipykernel installs.
    return {"JUPYTER_PREFER_ENV_PATH": "0"} | {name: str(home / place) for name, place in PLACES.items()}


def kernel_of(python: Path) -> dict[str, object]:
    """How to start a kernel: as ipykernel says it (it knows which encryption it has), but with our own command."""
    said = {"display_name": "Python 3 (ipykernel)", "language": "python", "metadata": {"debugger": True}}
    for prefix in (python.parent, python.parent.parent):  # conda on Windows, all others
        with contextlib.suppress(OSError, ValueError):
            said = json.loads((prefix / "share/jupyter/kernels/python3/kernel.json").read_bytes())
    return {**said, "argv": [str(python), "-c", KERNEL, "-f", "{connection_file}"]}


def server(python: Path, root: Path, home: Path, port: int, token: str) -> tuple[list[str], dict[str, str]]:
    """The command and environment of a JupyterLab that serves `root` to this machine only; its files are in `home`."""
    settings = home / "overrides"
    settings.mkdir(parents=True, exist_ok=True)
    write_whole(settings / "overrides.json", json.dumps(OVERRIDES, indent=1).encode("ascii"))
    style = home / PLACES["JUPYTER_CONFIG_DIR"] / "custom" / "custom.css"
    style.parent.mkdir(parents=True, exist_ok=True)
    write_whole(style, STYLE.encode("ascii"))
    command = [str(python), "-P", "-c", LAB, "--no-browser", "--LabApp.custom_css=True"]
    command += ["--ServerApp.log_level=ERROR", "--LabApp.log_level=ERROR"]
    command += ["--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}", "--ServerApp.port_retries=0"]
    command += [f"--ServerApp.root_dir={root}", f"--LabApp.app_settings_dir={settings}"]
    command += ["--LabApp.extension_manager=readonly", "--ServerApp.answer_yes=True"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    # The token travels in the environment: other users of this machine can read command lines.
    return command, child_environment(JUPYTER_TOKEN=token, **own_places(python, home))


@contextlib.contextmanager
def serving(
    python: Path, root: Path, home: Path, port: int, token: str, more: Sequence[str] = ()
) -> Iterator[subprocess.Popen[bytes]]:
    """A JupyterLab that answers, for as long as the block lasts; it is ended with its kernels afterwards."""
    command, environment = server(python, root, home, port, token)
    with contextlib.ExitStack() as cleanup:
        if os.name != "nt":
            # Kernels talk over sockets in a folder that only this user can enter, not over the network. In /tmp,
            # because the path of a socket is limited to about 100 characters and a home folder's may be longer.
            runtime = tempfile.TemporaryDirectory(prefix="eventlab-", dir="/tmp", ignore_cleanup_errors=True)
            environment["JUPYTER_RUNTIME_DIR"] = cleanup.enter_context(runtime)
            command.append("--KernelManager.transport=ipc")
            if os.pathsep in str(HERE):  # no list of paths can hold it: a link with a name that one can
                link = Path(environment["JUPYTER_RUNTIME_DIR"], "course")
                link.symlink_to(HERE, target_is_directory=True)
                environment["PYTHONPATH"] = str(link)
        # Apart from the terminal: Ctrl-C reaches this program alone, which then ends the server in good order.
        process = subprocess.Popen(
            [*command, *more], env=environment, stdin=subprocess.DEVNULL, start_new_session=os.name != "nt"
        )
        cleanup.callback(end, process)
        wait_until_it_answers(process, port)
        yield process


def end(process: subprocess.Popen[bytes]) -> None:
    """Ask it to end, which gives it the time to end what it started; then make it."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_until_it_answers(process: subprocess.Popen[bytes], port: int, patience: float = 90) -> None:
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise Stop(
                f"JupyterLab ended at once (exit code {process.returncode}); its own words are above. If they do not "
                "say what to do, delete .venv and .lab beside workbook.py and start again: both are made anew."
            )
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    raise Stop(f"JupyterLab did not answer on port {port} within {patience:g} s.")


def pick_port(wanted: int) -> int:
    """`wanted` if it is free; for 0, any port that is."""
    with socket.socket() as probe:
        if os.name != "nt":  # there this option would let two programs share a port
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except (OSError, OverflowError) as error:
            raise Stop(
                f"Port {wanted} cannot be used ({error}). "
                "Choose another with --port, or leave --port away to have a free one chosen."
            ) from error
        port: int = probe.getsockname()[1]
        return port


def open_workbook(browser: bool, port: int, engines: bool) -> int:
    if not (HERE / START).exists():
        raise Stop(f"{START} is missing beside workbook.py. Is the download complete?")
    pick_port(port)  # one that is taken is told before anything is installed
    python = set_up()
    if engines:
        add("engines")
    port = pick_port(port)  # a free one may be gone after some minutes
    token = secrets.token_hex(24)
    address = f"http://127.0.0.1:{port}/lab/tree/{START}?token={token}"
    say("Starting JupyterLab ...")
    with own_home(".lab") as home, serving(python, HERE, home, port, token) as process:
        say(f"\nThe workbook is open at\n\n    {address}\n\nLeave this window open; Ctrl-C ends it.\n")
        if browser and not webbrowser.open(address):
            say("No browser could be started: copy the address into one.")
        try:
            code = process.wait()
        except KeyboardInterrupt:
            say("\nStopping JupyterLab; what was saved is saved.")
            return 0
    if code:
        raise Stop(f"JupyterLab ended by itself with exit code {code}; its own words are above.")
    return 0


# The tests ------------------------------------------------------------------------------------------------------------


def parts(python: str, extra: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """The name and command of everything that is checked.

    With `extra` (options for pytest, or files) the checks of style stay out; with files, nothing else runs.
    """
    run = [python, "-m"]
    if any(Path(HERE, word.split("::")[0]).exists() for word in extra if not word.startswith("-")):
        yield "tests", [*run, "pytest", *extra]
        return
    if not extra:
        yield "ruff check", [*run, "ruff", "check", "."]
        yield "ruff format", [*run, "ruff", "format", "--check", "."]
        yield "mypy", [*run, "mypy"]
    # Three, as some tests wait, for elections or time-outs. What begins first: tests/support/order.py.
    yield "tests", [*run, "pytest", "tests", "--ignore=tests/browser", "-n", "3", *extra]
    # loadfile: the cells of one notebook must meet one kernel.
    notebooks = ["--nbval", "--nbval-sanitize-with=tests/nbval_sanitize.cfg", "--nbval-cell-timeout=60"]
    yield "notebooks", [*run, "pytest", "notebooks", *notebooks, "-n", "2", "--dist", "loadfile", *extra]
    # loadfile: each of the two has a JupyterLab and a browser of its own, and a file's tests share one.
    yield "browser tests", [*run, "pytest", "tests/browser", "-rs", "-n", "2", "--dist", "loadfile", *extra]


def run_part(command: Sequence[str], environment: dict[str, str]) -> int:
    """The exit code of one part; one that hangs is ended and has failed."""
    process = subprocess.Popen(command, cwd=HERE, env=environment)
    try:
        return process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        say(f"Given up after {PATIENCE // 60} minutes: it hangs.")
        return -1
    finally:
        end(process)


def run_tests(extra: Sequence[str]) -> int:
    """Everything, also after a failure; 0 only if all of it passed."""
    python = set_up()
    results = []
    for name in ADDED:
        try:
            add(name)
        except Stop as reason:  # not every system has wheels of them; the tests that need them say so
            say(f"{reason}\nThe tests that need {ADDED[name]} are skipped.")
    with own_home(".lab/tests") as home:
        environment = child_environment(**own_places(python, home))
        # This finds a browser, or fetches one.
        subprocess.run([str(python), "-m", "tests.browser.lab"], cwd=HERE, env=environment, check=False)
        for name, command in parts(str(python), extra):
            say(f"\n=== {name} ===")
            begun = time.monotonic()
            code = run_part(command, environment)
            nothing_chosen = bool(extra) and code == 5
            results.append((name, code == 0 or nothing_chosen, time.monotonic() - begun))
    say("\n=== summary ===")
    for name, passed, seconds in results:
        say(f"{name:<15} {'passed' if passed else 'FAILED':<8} {seconds:6.1f} s")
    return 0 if all(passed for _, passed, _ in results) else 1


# What the project's own programs do ----------------------------------------------------------------------------------

PROGRAMS = {"class": "eventlab.classroom", "site": "tools.site"}  # each says with --help what it takes


def run_program(name: str, arguments: Sequence[str]) -> int:
    """One of `PROGRAMS`, in the environment, with the user's own folder as the current one."""
    python = set_up()
    if name in ADDED:
        add(name)
    with own_home(".lab") as home:
        command = [str(python), "-P", "-m", PROGRAMS[name], *arguments]
        return subprocess.run(command, env=child_environment(**own_places(python, home)), check=False).returncode


# The command ----------------------------------------------------------------------------------------------------------


def say(text: str) -> None:
    print(text, flush=True)


def interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="workbook.py",
        description="Set up the workbook and open it in JupyterLab, or run its tests.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "command",
        nargs="?",
        choices=["open", "test", *PROGRAMS],
        default="open",
        help="open (the default); test: run every test; class: books for a class, and grading; site: the web site",
    )
    parser.add_argument("--engines", action="store_true", help=f"also install {ADDED['engines']} (about 130 MB)")
    parser.add_argument("--no-browser", action="store_true", help="print the address, start no browser")
    parser.add_argument(
        "--port", type=int, default=0, metavar="N", help="serve on this port (default: one that is free)"
    )
    program = arguments[0] if arguments and arguments[0] in PROGRAMS else ""
    options, extra = parser.parse_known_args(arguments[:1] if program else arguments)
    if extra and options.command != "test":
        parser.error("unknown: " + " ".join(extra) + " (only `test` passes further options on, to pytest)")
    for stream in (sys.stdout, sys.stderr):  # a folder's name may have letters that this terminal does not know
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    for name in ("SIGTERM", "SIGHUP"):  # a closed window must not leave a server behind
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), interrupt)
    try:
        if options.command == "test":
            return run_tests(extra)
        if program:
            return run_program(program, arguments[1:])
        return open_workbook(not options.no_browser, options.port, options.engines)
    except Stop as reason:
        print(f"\nworkbook.py: {reason}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"\nworkbook.py: the system refused: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        say("\nStopped.")
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
