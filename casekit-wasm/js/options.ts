import { fromWire } from "./convert.js";
import { CasekitError } from "./errors.js";
import type { Agent, Actor, Case, Customer } from "./generated/types.js";

/** What a desk can be given instead of the machine's own. */
export interface DeskOptions {
  /** The time now: a `Date`, or milliseconds since 1970. */
  now?: () => Date | number;
  /** A new id at a time in milliseconds since 1970: a UUID of version 7 that sorts after all before. */
  newId?: (now: number) => string;
  /** Who may do what, instead of by role. */
  policy?: Policy;
  /** For how long a store written in JavaScript may not answer, in milliseconds; 30,000 by default. */
  patience?: number;
  /**
   * For IndexedDB: whether a commit waits until the disk has it (`strict`, the default) or the operating system
   * (`relaxed`, several times as fast, and safe unless the machine itself stops).
   */
  durability?: "strict" | "relaxed";
}

/** Who asks to do what. */
export interface PolicyRequest {
  actor: Actor;
  /** The agent's record, when an agent asks. */
  agent: Agent | null;
  /** The name of the operation in core, such as `open_case`. */
  operation: string;
  /** What it asks for. */
  access: "read" | "work" | "supervise" | "administer";
  /** The case that it is about, once it is known. */
  case: Case | null;
  /** The customer that it is about, once they are known. */
  customer: Customer | null;
}

/** A value of a field by which records are found. */
export type FilterValue =
  | { bool: boolean }
  | { int: number }
  | { real: number }
  | { text: string }
  | { time: number }
  | { id: string };

/** Which records, by the fields that core declares for them, such as `tags` and `customer_name`. */
export type RecordFilter =
  | { all: RecordFilter[] }
  | { any: RecordFilter[] }
  | { not: RecordFilter }
  | { in: { field: string; values: FilterValue[] } }
  | {
      field: {
        field: string;
        is: "equal" | "less" | "at_most" | "greater" | "at_least" | "starts_with";
        value: FilterValue;
      };
    };

/** Decides who may do what, at once. It can only narrow what customers may see. */
export interface Policy {
  /** Allows by returning nothing. Throw a `CasekitError` of kind `denied` to refuse; a value, also a promise, is refused. */
  decide(request: PolicyRequest): void;
  /** Which cases lists and searches may give to who asks; by default all. */
  cases?(request: PolicyRequest): RecordFilter;
  /** Which customers lists may give to who asks; by default all. */
  customers?(request: PolicyRequest): RecordFilter;
}

/** The options as the native half takes them. */
export function nativeOptions({ now, newId, policy }: DeskOptions): object {
  return {
    ...(now && { now: () => Number(now()) }),
    ...(newId && { newId }),
    ...(policy && { policy: nativePolicy(policy) }),
  };
}

const ALL: RecordFilter = { all: [] };

function nativePolicy(policy: Policy): object {
  return {
    decide: (request: unknown) => policy.decide(read(request)),
    cases: (request: unknown) => filter(policy.cases?.(read(request))),
    customers: (request: unknown) => filter(policy.customers?.(read(request))),
  };
}

function filter(given: RecordFilter = ALL): string {
  // JSON would have nothing of a promise, and so of what it is to say.
  if (typeof (given as { then?: unknown }).then === "function") {
    throw new CasekitError("bug", "the host's policy gave a promise of a filter, and must give it at once");
  }
  return JSON.stringify(given);
}

function read(request: unknown): PolicyRequest {
  const shape = { fields: { actor: 0, agent: "Agent", operation: 0, access: 0, case: "Case", customer: "Customer" } } as const;
  return fromWire(shape, request) as PolicyRequest;
}
