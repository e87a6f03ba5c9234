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

/** The longest that a timer of JavaScript can wait, in milliseconds: with more it ends at once. */
const LONGEST = 2 ** 31 - 1;

const isFunction = (given: unknown) => typeof given === "function";

/** What each option must be. */
const OPTIONS: Record<keyof DeskOptions, [isRight: (given: unknown) => boolean, what: string]> = {
  now: [isFunction, "a function"],
  newId: [isFunction, "a function"],
  policy: [(given) => isFunction((given as Policy | null)?.decide), "an object with a method `decide`"],
  patience: [(given) => typeof given === "number" && given >= 1 && given <= LONGEST, `milliseconds, from 1 to ${LONGEST}`],
  durability: [(given) => given === "strict" || given === "relaxed", "`strict` or `relaxed`"],
};

/** The options, if that is what they are: one that is misspelt, such as a policy, would be as good as none. */
export function checked(options: DeskOptions): DeskOptions {
  if (typeof options !== "object" || options === null) throw new CasekitError("invalid", "the options are an object");
  for (const name of Object.keys(options)) {
    if (!Object.hasOwn(OPTIONS, name)) {
      const known = Object.keys(OPTIONS).map((option) => `\`${option}\``).join(", ");
      throw new CasekitError("invalid", `there is no option \`${name}\`, only ${known}`);
    }
  }
  for (const [name, [isRight, what]] of Object.entries(OPTIONS)) {
    const given = options[name as keyof DeskOptions];
    if (given !== undefined && !isRight(given)) throw new CasekitError("invalid", `the option \`${name}\` must be ${what}`);
  }
  return options;
}

/** The options as the native half takes them. */
export function nativeOptions({ now, newId, policy }: DeskOptions): object {
  return {
    ...(now && { now: () => milliseconds(now()) }),
    ...(newId && { newId }),
    ...(policy && { policy: nativePolicy(policy) }),
  };
}

/** A time as a number. Anything else stays what it is, and is refused: `Number` would make 1970 of a null. */
function milliseconds(time: unknown): unknown {
  return time instanceof Date ? time.getTime() : time;
}

const ALL: RecordFilter = { all: [] };

function nativePolicy(policy: Policy): object {
  return {
    decide: (request: unknown) => policy.decide(read(request)),
    cases: (request: unknown) => filter(policy, "cases", request),
    customers: (request: unknown) => filter(policy, "customers", request),
  };
}

/** The filter that a method of the policy gives, as JSON. All may be seen only where there is no such method. */
function filter(policy: Policy, method: "cases" | "customers", request: unknown): string {
  const given: unknown = policy[method] === undefined ? ALL : policy[method](read(request));
  if (typeof given !== "object" || given === null) {
    throw new CasekitError("bug", `the host's policy gave no filter from \`${method}\`: one for all is \`{ all: [] }\``);
  }
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
