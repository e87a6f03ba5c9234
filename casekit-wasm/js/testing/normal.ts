// Takes away what differs from run to run.

/** A value of JSON. */
export type Json = string | number | boolean | null | Json[] | { [name: string]: Json };

const ID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$/;

/** Numbers ids in the order in which they appear, and tells times from the start. */
export function normaliser(start: number): (value: Json) => Json {
  const ids = new Map<string, number>();
  const numbered = (id: string) => {
    const key = id.toLowerCase();
    if (!ids.has(key)) ids.set(key, ids.size + 1);
    return `id:${ids.get(key)}`;
  };
  const textOf = (text: string, name: string | undefined) => {
    if (name === "next") return "cursor";
    const whole = name === "message" ? (text.split(" at line ")[0] ?? text) : text;
    if (!TIME.test(whole)) return whole.replace(ID, numbered);
    const since = Date.parse(whole) - start;
    return `time:${since < 0 ? "" : "+"}${since}`;
  };
  const normal = (value: Json, name?: string): Json =>
    typeof value === "string" ? textOf(value, name) : mapped(value, normal);
  return (value) => normal(value);
}

/** A value of JSON with `change` done to its items or members, and these in the order of their names. */
export function mapped(value: Json, change: (value: Json, name?: string) => Json): Json {
  if (Array.isArray(value)) return value.map((item) => change(item));
  if (typeof value !== "object" || value === null) return value;
  const names = Object.keys(value).sort();
  return Object.fromEntries(names.map((name) => [name, change(value[name] as Json, name)]));
}
