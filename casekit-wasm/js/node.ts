// `casekit` in Node, where the bytes of the `.wasm` come from the file system.
import { readFile } from "node:fs/promises";
import { findWasm } from "./native.js";

findWasm(() => readFile(new URL("../pkg/casekit_bg.wasm", import.meta.url)));

export * from "./index.js";
