// Runs a Python file in Pyodide, with a folder of this machine as /room: node in_pyodide.mjs PYODIDE ROOM FILE
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [folder, room, file] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(`${folder}/pyodide.mjs`));
const python = await loadPyodide({ indexURL: `${folder}/`, env: { PYTHONHASHSEED: "0" } });
python.mountNodeFS("/room", room);
try {
  python.runPython(readFileSync(file, "utf-8"));
} catch (problem) {
  console.error(String(problem.message).slice(-3000)); // a stack of WebAssembly is a megabyte long
  process.exit(1);
}
