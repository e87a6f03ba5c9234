// What conversion needs to know of each type: its fields, and where times are. Keys that are data, such as
// names of custom fields, are in no shape, so they are never renamed.
import { isReference, referred } from "./names.mjs";

/** The shapes of all types by name. */
export function shapesOf({ $defs, $written }) {
  const names = [...new Set([...Object.keys($defs), ...Object.keys($written)])].sort();
  const shapes = {};
  for (const name of names) {
    const read = $defs[name] && shapeOf($defs[name], $defs);
    const written = $written[name] && shapeOf($written[name], $written);
    shapes[name] = read && written ? united(read, written, name) : (read ?? written);
  }
  return Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, pruned(shape, shapes)]));
}

/** A shape without references to types that stay as they are. */
export function pruned(shape, shapes) {
  if (stays(shape, shapes)) return 0;
  if (typeof shape === "string") return shape;
  if (shape.fields) {
    const fields = Object.entries(shape.fields).map(([name, of]) => [name, pruned(of, shapes)]);
    return { fields: Object.fromEntries(fields) };
  }
  const [[kind, of]] = Object.entries(shape);
  return { [kind]: pruned(of, shapes) };
}

function stays(shape, shapes) {
  if (shape === 0 || shape === undefined) return true;
  if (shape === "time" || shape.fields) return false;
  return stays(typeof shape === "string" ? shapes[shape] : Object.values(shape)[0], shapes);
}

/** The shape of a schema: 0 where values stay as they are. */
export function shapeOf(schema, definitions) {
  if (schema === true) return 0;
  if (isReference(schema)) return isSimple(definitions[referred(schema)]) ? 0 : referred(schema);
  const fields = fieldsOf(schema, definitions);
  if (fields) return { fields };
  const alternatives = schema.oneOf ?? schema.anyOf;
  if (alternatives) return alternatives.map((a) => shapeOf(a, definitions)).reduce((a, b) => united(a, b, "a union"), 0);
  if (schema.format === "date-time") return "time";
  if (schema.prefixItems?.some((item) => shapeOf(item, definitions) !== 0)) throw new Error("no shape for tuples");
  if (schema.items) return wrapped("list", shapeOf(schema.items, definitions));
  if (schema.additionalProperties) return wrapped("map", shapeOf(schema.additionalProperties, definitions));
  return 0;
}

function wrapped(kind, shape) {
  return shape === 0 ? 0 : { [kind]: shape };
}

/** A type without fields of its own: an id, a number, one of several words. */
function isSimple(schema) {
  return schema.$ref === undefined && !schema.properties && !schema.items && !schema.additionalProperties
    && (schema.oneOf ?? schema.anyOf ?? []).every((a) => a.$ref === undefined && isSimple(a)) && schema.format !== "date-time";
}

/** The fields of an object in any of its forms; nothing if it is none. */
function fieldsOf(schema, definitions) {
  if (schema === true) return undefined;
  const parts = [];
  if (schema.properties) {
    const entries = Object.entries(schema.properties);
    parts.push(Object.fromEntries(entries.map(([name, of]) => [name, shapeOf(of, definitions)])));
  }
  if (schema.$ref) parts.push(fieldsOf(definitions[referred(schema)], definitions));
  for (const alternative of schema.oneOf ?? schema.anyOf ?? []) {
    parts.push(fieldsOf(alternative, definitions));
  }
  const known = parts.filter((part) => part !== undefined);
  // A reference that may be null stays one, so that a type can hold itself.
  const bare = (schema.oneOf ?? schema.anyOf)?.filter((a) => a.type !== "null");
  if (known.length === 0 || (!schema.properties && bare?.length === 1 && isReference(bare[0]))) return undefined;
  return known.reduce((all, part) => unitedFields(all, part, JSON.stringify(schema).slice(0, 80)), {});
}

function unitedFields(a, b, where) {
  const all = { ...a };
  for (const [name, shape] of Object.entries(b)) {
    all[name] = name in all ? united(all[name], shape, `${where}.${name}`) : shape;
  }
  return all;
}

function united(a, b, where) {
  if (a === 0) return b;
  if (b === 0 || JSON.stringify(a) === JSON.stringify(b)) return a;
  if (a.fields && b.fields) return { fields: unitedFields(a.fields, b.fields, where) };
  throw new Error(`${where} has two shapes: ${JSON.stringify(a)} and ${JSON.stringify(b)}`);
}
