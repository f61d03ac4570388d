"""Set up the workbook and open it: `python3 workbook.py`. Run every test: `python3 workbook.py test`.

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
import collections
import contextlib
import hashlib
import json
import os
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

HERE = Path(__file__).resolve().parent
LOCK = HERE / "requirements.lock"
START = "notebooks/00-start-here.ipynb"
NEEDED_MB = 900  # the installed packages (about 800), with some room for pip to unpack
PATIENCE = 20 * 60  # seconds for one part of the tests, which takes a minute or two


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
        found = (folder / "eventlab-stamp").read_text("utf-8")
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
        python = python_in(Path(given))
        if not python.exists():
            raise Stop(f"EVENTLAB_VENV={given}: there is no Python environment (looked for {python}).")
        return python
    folder = HERE / ".venv"
    stamp = folder / "eventlab-stamp"
    wanted = fingerprint()
    state = state_of(folder)
    if state == "ready":
        return python_in(folder)
    if state == "absent":
        make(folder)
    else:
        stamp.unlink()
    install(python_in(folder))
    # Written last, so that an interrupted installation is not taken for a finished one.
    stamp.write_text(f"{wanted} at {folder}", "utf-8")
    return python_in(folder)


def make(folder: Path) -> None:
    """A fresh, empty environment with pip in it."""
    free = shutil.disk_usage(HERE).free // 1_000_000
    if free < NEEDED_MB:
        raise Stop(f"The packages need about {NEEDED_MB} MB in {HERE}; only {free} MB are free there.")
    try:
        import ensurepip  # noqa: F401  (Debian and Ubuntu leave it out)
        import venv
    except ImportError as error:
        raise Stop(no_venv()) from error
    say(f"Making a Python environment in {folder} ...")
    try:
        venv.EnvBuilder(clear=True, with_pip=True, symlinks=os.name != "nt").create(folder)
    except subprocess.CalledProcessError as error:
        raise Stop(f"{no_venv()}\n(What happened: {error})") from error


def no_venv() -> str:
    version = "{}.{}".format(*sys.version_info[:2])
    return (
        f"This Python ({sys.executable}) cannot make environments: its venv or ensurepip module is missing.\n"
        f"On Debian and Ubuntu: sudo apt install python{version}-venv. Elsewhere, install Python from python.org."
    )


def install(python: Path) -> None:
    """The locked packages, each checked against its hash, and this folder, so that `import eventlab` works."""
    say("Installing the packages (about 100; a minute or two the first time) ...")
    # --no-deps: the lock is complete, and it leaves one package out on purpose (pyproject.toml, [tool.uv]).
    command = [str(python), "-m", "pip", "install", "--require-hashes", "--no-deps", "--no-input"]
    command += ["--disable-pip-version-check", "--requirement", str(LOCK)]
    begun = time.monotonic()
    code, words = run_telling(command)
    if code:
        raise Stop(why_pip_failed(words, code))
    libraries = subprocess.check_output(
        [str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        env=child_environment(),
        text=True,
    )
    Path(libraries.strip(), "eventlab.pth").write_text(f"{HERE}\n", "utf-8")
    subprocess.run(
        [str(python), "-m", "compileall", "-q", str(HERE / "eventlab")], env=child_environment(), check=False
    )
    say(f"Installed in {time.monotonic() - begun:.0f} s.")


def run_telling(command: Sequence[str]) -> tuple[int, str]:
    """Run a command with its output shown as it comes; its exit code, and the last lines it complained with."""
    last: collections.deque[str] = collections.deque(maxlen=60)
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, errors="replace", env=child_environment())
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


def child_environment(**more: str) -> dict[str, str]:
    """The environment for every program started here: the user's, without what would mix in foreign packages."""
    kept = {name: value for name, value in os.environ.items() if name not in ("PYTHONHOME", "PYTHONPATH", "PIP_USER")}
    return {**kept, "PYTHONPATH": str(HERE), "PYTHONNOUSERSITE": "1", **more}


# JupyterLab -----------------------------------------------------------------------------------------------------------

OVERRIDES = {
    "@jupyterlab/apputils-extension:notification": {"checkForUpdates": False, "fetchNews": "false"},
    # Every cell is in the page, also those off screen: text search and printing find them.
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},
}


def own_places(home: Path) -> dict[str, str]:
    """Where Jupyter and IPython keep their files: in `home`, so that neither side's settings touch the other's."""
    places = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "IPYTHONDIR": "ipython",
    }
    (home / "ipython").mkdir(parents=True, exist_ok=True)  # IPython complains where it cannot make it itself
    return {name: str(home / place) for name, place in places.items()}


def server(python: Path, root: Path, home: Path, port: int, token: str) -> tuple[list[str], dict[str, str]]:
    """The command and environment of a JupyterLab that serves `root` to this machine only; its files are in `home`."""
    settings = home / "overrides"
    settings.mkdir(parents=True, exist_ok=True)
    (settings / "overrides.json").write_text(json.dumps(OVERRIDES, indent=1), "utf-8")
    command = [
        str(python),
        "-m",
        "jupyterlab",
        "--no-browser",
        "--ServerApp.log_level=ERROR",
        "--LabApp.log_level=ERROR",
    ]
    command += ["--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}", "--ServerApp.port_retries=0"]
    command += [f"--ServerApp.root_dir={root}", f"--LabApp.app_settings_dir={settings}"]
    command += ["--LabApp.extension_manager=readonly", "--ServerApp.answer_yes=True"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    # The token travels in the environment: other users of this machine can read command lines.
    return command, child_environment(JUPYTER_TOKEN=token, **own_places(home))


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
            raise Stop(f"JupyterLab ended at once (exit code {process.returncode}); its own words are above.")
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


def open_workbook(browser: bool, port: int) -> int:
    if not (HERE / START).exists():
        raise Stop(f"{START} is missing beside workbook.py. Is the download complete?")
    port = pick_port(port)
    python = set_up()
    token = secrets.token_hex(24)
    address = f"http://127.0.0.1:{port}/lab/tree/{START}?token={token}"
    say("Starting JupyterLab ...")
    with serving(python, HERE, HERE / ".lab", port, token) as process:
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
    yield "tests", [*run, "pytest", "tests", "--ignore=tests/browser", "-n", "2", *extra]
    # loadfile: the cells of one notebook must meet one kernel.
    notebooks = ["--nbval", "--nbval-sanitize-with=tests/nbval_sanitize.cfg", "--nbval-cell-timeout=60"]
    yield "notebooks", [*run, "pytest", "notebooks", *notebooks, "-n", "2", "--dist", "loadfile", *extra]
    yield "browser tests", [*run, "pytest", "tests/browser", "-rs", *extra]


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
    python = str(set_up())
    environment = child_environment(**own_places(HERE / ".lab" / "tests"))
    subprocess.run(
        [python, "-m", "tests.browser.lab"], cwd=HERE, env=environment, check=False
    )  # finds or fetches a browser
    results = []
    for name, command in parts(python, extra):
        say(f"\n=== {name} ===")
        begun = time.monotonic()
        code = run_part(command, environment)
        nothing_chosen = bool(extra) and code == 5
        results.append((name, code == 0 or nothing_chosen, time.monotonic() - begun))
    say("\n=== summary ===")
    for name, passed, seconds in results:
        say(f"{name:<15} {'passed' if passed else 'FAILED':<8} {seconds:6.1f} s")
    return 0 if all(passed for _, passed, _ in results) else 1


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
        choices=["open", "test"],
        default="open",
        help="open (the default), or test: run every test",
    )
    parser.add_argument("--no-browser", action="store_true", help="print the address, start no browser")
    parser.add_argument(
        "--port", type=int, default=0, metavar="N", help="serve on this port (default: one that is free)"
    )
    options, extra = parser.parse_known_args(arguments)
    if extra and options.command != "test":
        parser.error("unknown: " + " ".join(extra) + " (only `test` passes further options on, to pytest)")
    for name in ("SIGTERM", "SIGHUP"):  # a closed window must not leave a server behind
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), interrupt)
    try:
        if options.command == "test":
            return run_tests(extra)
        return open_workbook(not options.no_browser, options.port)
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
