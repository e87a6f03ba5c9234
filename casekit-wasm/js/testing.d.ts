import type { Desk, DeskOptions } from "casekit";

/** The options of a desk that is the same in every run. */
export interface Replayable extends Required<DeskOptions> {
  /** Lets the clock go on. */
  advance(milliseconds: number): void;
}

/** A clock that stands still until it is told otherwise, and ids from a counter: the options of a desk. */
export function replayable(start?: number): Replayable;

/** What people do, step by step; the README of `casekit-testkit` describes the format. */
export interface Scenario {
  about?: string;
  start: string;
  steps: Step[];
}

/** One operation that somebody runs. */
export interface Step {
  advance_seconds?: number;
  as: "system" | { agent: string } | { customer: string };
  run: string;
  input?: unknown;
  save?: string;
  error?: string;
}

/**
 * Runs a scenario on a new, empty desk, which `makeDesk` makes with the options it is given; gives its
 * transcript as it is written to a file. What goes otherwise than the scenario says throws an error
 * that names the step.
 */
export function runScenario(
  scenario: Scenario,
  makeDesk: (options: DeskOptions) => Desk,
): Promise<string>;
