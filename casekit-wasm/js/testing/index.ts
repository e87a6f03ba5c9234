// `casekit/testing`: what tests of hosts and of stores need.
export { runStoreConformance, type ConformanceOptions, type ConformanceReport } from "./conformance.js";
export { IndexedDbStore, type IndexedDbOptions } from "../indexeddb/store.js";
export { replayable, type Replayable } from "./replayable.js";
export { runScenario, type Scenario, type Step } from "./scenario.js";
