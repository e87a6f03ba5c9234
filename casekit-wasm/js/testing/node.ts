// `casekit/testing` in Node, where the bytes of the `.wasm` come from the file system.
import { readFile } from "node:fs/promises";
import { findKit } from "./conformance.js";
import "../node.js";

findKit(() => readFile(new URL("../../pkg/testing/casekit_testing_bg.wasm", import.meta.url)));

export * from "./index.js";
