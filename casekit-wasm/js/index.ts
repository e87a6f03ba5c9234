// `casekit`: a help desk in a page or a program.
export { connect, type StoreLocation } from "./connect.js";
export { Desk } from "./desk.js";
export { CasekitError, type ErrorFacts } from "./errors.js";
export type { EventsOptions } from "./events.js";
export { AgentSession, CustomerSession } from "./generated/sessions.js";
export type * from "./generated/types.js";
export { MemoryStore } from "./memory.js";
export { initialise, type WasmSource } from "./native.js";
export type { DeskOptions, FilterValue, Policy, PolicyRequest, RecordFilter } from "./options.js";
export { Paged } from "./pages.js";
export type { HostStore } from "./store.js";
