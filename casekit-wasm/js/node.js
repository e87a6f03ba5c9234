// Loads the package in Node, where the bytes come from the file system.
import { readFileSync } from "node:fs";
import { initSync } from "../pkg/casekit.js";

initSync({ module: readFileSync(new URL("../pkg/casekit_bg.wasm", import.meta.url)) });

export * from "../pkg/casekit.js";
