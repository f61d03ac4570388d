// Runs the Python file named last in Pyodide, with the wheels named before it: node wasm.mjs PYODIDE WHEEL... FILE
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [folder, ...rest] = process.argv.slice(2), file = rest.pop();
const { loadPyodide } = await import(pathToFileURL(`${folder}/pyodide.mjs`));
const python = await loadPyodide({ indexURL: `${folder}/` });
for (const wheel of rest) python.unpackArchive(new Uint8Array(readFileSync(wheel)), "wheel");
python.runPython("import os, sys; os.environ['EVENTLAB_PROGRESS'] = ':memory:'; sys.path.insert(0, '/home/pyodide')");
try {
  python.runPython(readFileSync(file, "utf-8"));
} catch (problem) {
  console.error(String(problem.message).slice(-3000)); // a stack of WebAssembly is a megabyte long
  process.exit(1);
}
