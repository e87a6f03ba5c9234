// The behaviours that the port `Store` promises, as its documentation lists them.
import { readFileSync } from "node:fs";

const port = new URL("../../casekit-core/src/port/store.rs", import.meta.url);

export const behaviours: string[] = [...readFileSync(port, "utf8").matchAll(/^\s*\/\/\/ - `(\w+)`:/gm)]
  .map(([, name]) => name ?? "")
  .sort();
