// The native half, which must be loaded before anything can be done.
import load, * as bindings from "../pkg/casekit.js";
import { CasekitError } from "./errors.js";

/** Where the `.wasm` is: an address, a response to it, its bytes or its compiled module. */
export type WasmSource = string | URL | Request | Response | BufferSource | WebAssembly.Module;

type Source = WasmSource | Promise<WasmSource>;

let loading: Promise<void> | undefined;
let isReady = false;
// Bundlers know this form, and take the file along.
let find = (): Source => new URL("../pkg/casekit_bg.wasm", import.meta.url);

/** Says where the `.wasm` is found by default: beside the JavaScript, unless a host cannot fetch it there. */
export function findWasm(source: () => Source): void {
  find = source;
}

/**
 * Loads the `.wasm`, once. `connect` does it; call it yourself to do it earlier, or to say where the file is.
 */
export function initialise(source?: Source): Promise<void> {
  loading ??= start(source ?? find()).catch((error: unknown) => {
    // The next one may have the network again.
    loading = undefined;
    throw new CasekitError("unavailable", "the `.wasm` of casekit could not be loaded", { cause: error });
  });
  return loading;
}

async function start(source: Source): Promise<void> {
  await load({ module_or_path: await source });
  isReady = true;
}

/** The native half, once it is loaded. */
export function native(): typeof bindings {
  if (isReady) return bindings;
  throw new CasekitError("invalid", "casekit is not initialised yet: await `initialise()` or `connect(…)` first");
}

/** A text for the native half, which would read past the end of anything else. */
export function text(given: unknown, what: string): string {
  if (typeof given === "string") return given;
  throw new CasekitError("invalid", `${what} must be a text`);
}
