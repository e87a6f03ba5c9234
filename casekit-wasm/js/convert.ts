// Between values of JavaScript and those of core. One rule: names of fields are `camelCase` here and
// `snake_case` there, times are `Date` here and ISO 8601 there. What is not described, such as custom fields
// and details of errors, is data, and stays as it is.
import { CasekitError, messageOf } from "./errors.js";
import { shapes } from "./generated/shapes.js";
import type { Shape } from "./shape.js";

type Convert = (value: unknown) => unknown;
type Fields = Readonly<Record<string, Shape>>;

const same: Convert = (value) => value;
const readers = new Map<string, Convert>();
const writers = new Map<string, Convert>();

/** What core answered, as JavaScript has it. */
export function fromWire(shape: Shape, value: unknown): unknown {
  return converter(shape, READ)(value);
}

/** What JavaScript gives, as core has it. */
export function toWire(shape: Shape, value: unknown): unknown {
  return converter(shape, WRITE)(value);
}

/** The two directions. */
interface Way {
  known: Map<string, Convert>;
  time: Convert;
  fields(fields: Fields): Convert;
}

const READ: Way = { known: readers, time: readTime, fields: fieldsReader };
const WRITE: Way = { known: writers, time: writeTime, fields: fieldsWriter };

function converter(shape: Shape, way: Way): Convert {
  if (shape === 0) return same;
  if (shape === "time") return way.time;
  if (typeof shape === "string") return named(shape, way);
  if ("fields" in shape) return way.fields(shape.fields);
  if ("list" in shape) {
    const item = converter(shape.list, way);
    return (value) => (Array.isArray(value) ? value.map(item) : value);
  }
  const inner = converter(shape.map, way);
  return (value) => (isObject(value) ? mapped(value, inner) : value);
}

/** The converter of a named shape. It is looked up again when it runs, so that a shape can hold itself. */
function named(name: string, way: Way): Convert {
  const ready = way.known.get(name);
  if (ready) return ready;
  way.known.set(name, (value) => way.known.get(name)?.(value));
  const made = converter(shapes[name] ?? 0, way);
  way.known.set(name, made);
  return made;
}

function fieldsReader(fields: Fields): Convert {
  const known = new Map<string, [string, Convert]>();
  for (const [name, shape] of Object.entries(fields)) known.set(name, [camel(name), converter(shape, READ)]);
  return (value) => {
    if (!isObject(value)) return value;
    const read: Record<string, unknown> = {};
    for (const name in value) {
      const field = known.get(name);
      if (field) read[field[0]] = field[1](value[name]);
      else read[camel(name)] = value[name];
    }
    return read;
  };
}

function fieldsWriter(fields: Fields): Convert {
  const known = new Map<string, [string, Convert]>();
  for (const [name, shape] of Object.entries(fields)) known.set(camel(name), [name, converter(shape, WRITE)]);
  return (value) => {
    if (!isObject(value)) return value;
    const written: Record<string, unknown> = {};
    for (const name of Object.keys(value)) {
      const field = known.get(name);
      if (!field) throw unknown(name, [...known.keys()]);
      if (value[name] !== undefined) written[field[0]] = field[1](value[name]);
    }
    return written;
  };
}

function unknown(name: string, known: string[]): CasekitError {
  const fields = known.map((field) => `\`${field}\``).join(", ");
  return new CasekitError("invalid", `there is no field \`${name}\` here, only ${fields || "nothing"}`);
}

function readTime(value: unknown): unknown {
  return typeof value === "string" ? new Date(value) : value;
}

function writeTime(value: unknown): unknown {
  if (!(value instanceof Date)) return value;
  if (Number.isNaN(value.getTime())) throw new CasekitError("invalid", "a `Date` that is given is no valid time");
  return value.toISOString();
}

function mapped(value: Record<string, unknown>, inner: Convert): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).map(([name, of]) => [name, inner(of)]));
}

/** An object that is a set of fields: not a list, not a `Date`, and nothing whose fields are not what it holds. */
function isObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  return !Array.isArray(value) && !(value instanceof Date) && formless(value) === undefined;
}

/** `customer_name` becomes `customerName`. */
export function camel(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** A value as JSON, as core has it if its shape is given; or an error that says that it has no such form. */
export function json(value: unknown, shape: Shape = 0): string {
  try {
    return JSON.stringify(toWire(shape, value), whole) ?? "null";
  } catch (cause) {
    if (cause instanceof CasekitError) throw cause;
    const why = cause instanceof RangeError ? "it holds itself, or is nested too deeply" : messageOf(cause);
    throw new CasekitError("invalid", `the input has no JSON form: ${why}`, { cause });
  }
}

/** Refuses what JSON would leave out or make null without a word. */
function whole(this: Record<string, unknown>, name: string, value: unknown): unknown {
  // A `Date` is a text here already, or null.
  const what = formless(this[name]);
  if (what) throw new TypeError(name ? `\`${name}\` is ${what}` : `it is ${what}`);
  return value;
}

function formless(value: unknown): string | undefined {
  if (typeof value === "number" && !Number.isFinite(value)) return `the number ${value}`;
  if (typeof value === "function" || typeof value === "symbol") return `a ${typeof value}`;
  if (value instanceof Map) return "a `Map`";
  if (value instanceof Set) return "a `Set`";
  if (value instanceof Promise) return "a `Promise`";
  if (value instanceof Date && Number.isNaN(value.getTime())) return "a `Date` that is no valid time";
  return undefined;
}
