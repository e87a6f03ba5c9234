// The types of inputs and answers.
//
// A type can be given and received. Given, a time is a `Date` or a text, and what has a default may be
// left out; received, a time is a `Date`, and every field is there that is written. Where the two forms of
// a type differ, the given one is called `…Input`.
import { comment } from "./documentation.mjs";
import { camel, isReference, referred } from "./names.mjs";

/** The whole file, from the description. */
export function typesOf(description) {
  const writer = new Types(description);
  return [...writer.declarations()].join("\n");
}

/** The names that a schema refers to, also through others. */
export function reached(schemas, definitions) {
  const found = new Set();
  const todo = [...schemas];
  while (todo.length > 0) {
    for (const name of references(todo.pop())) {
      if (found.has(name)) continue;
      found.add(name);
      todo.push(definitions[name]);
    }
  }
  return found;
}

function references(value) {
  if (typeof value !== "object" || value === null) return [];
  const nested = Object.values(value).flatMap(references);
  return value.$ref === undefined ? nested : [referred(value), ...nested];
}

/** How names of types are written: given or received. */
export class Types {
  constructor(description) {
    this.read = description.$defs;
    this.written = description.$written;
    const { operations, error } = description;
    this.given = reached(operations.map(({ input }) => input), this.read);
    const answers = operations.map(({ output }) => output);
    this.received = reached([...answers, error], this.written);
    this.twofold = this.#differing();
  }

  /** The types that are both given and received and are not the same then. */
  #differing() {
    const both = [...this.given].filter((name) => this.received.has(name));
    this.twofold = new Set();
    for (;;) {
      const differ = (name) => this.#text(name, "given") !== this.#text(name, "received");
      const found = new Set(both.filter((name) => this.twofold.has(name) || differ(name)));
      if (found.size === this.twofold.size) return found;
      this.twofold = found;
    }
  }

  name(name, way) {
    return way === "given" && this.twofold.has(name) ? `${name}Input` : name;
  }

  *declarations() {
    for (const name of [...new Set([...this.given, ...this.received])].sort()) {
      if (this.received.has(name)) yield this.#declaration(name, "received");
      if (!this.received.has(name) || this.twofold.has(name)) yield this.#declaration(name, "given");
    }
  }

  #declaration(name, way) {
    const schema = this.#definition(name, way);
    const text = this.#text(name, way);
    const head = comment(schema.description);
    if (text.startsWith("{") && isPlainObject(schema)) return `${head}export interface ${this.name(name, way)} ${text}\n`;
    return `${head}export type ${this.name(name, way)} =${text.startsWith("\n") ? "" : " "}${text};\n`;
  }

  #definition(name, way) {
    return (way === "given" ? this.read : this.written)[name];
  }

  #text(name, way) {
    return this.type(this.#definition(name, way), way);
  }

  /** A schema as a type. */
  type(schema, way, indent = "") {
    if (schema === true || Object.keys(schema).every((key) => key === "description" || key === "default")) return "unknown";
    if (isReference(schema)) return this.name(referred(schema), way);
    const parts = [];
    if (schema.$ref) parts.push(this.name(referred(schema), way));
    if (schema.properties) parts.push(this.#object(schema, way, indent));
    const alternatives = schema.oneOf ?? schema.anyOf;
    if (alternatives) parts.push(this.#union(alternatives, way, indent));
    if (parts.length === 1) return parts[0];
    if (parts.length > 1) return parts.map((part) => (part.includes(" | ") && !part.startsWith("{") ? `(${part})` : part)).join(" & ");
    return this.#simple(schema, way, indent);
  }

  #union(alternatives, way, indent) {
    const typed = alternatives.map((alternative) => [alternative, this.type(alternative, way, `${indent}  `)]);
    const short = typed.every(([, type]) => !type.includes("\n")) && !alternatives.some((a) => a.description && a.const === undefined);
    if (short && !alternatives.some((a) => a.description)) return typed.map(([, type]) => type).join(" | ");
    const line = ([alternative, type]) => `\n${comment(alternative.description, `${indent}  `)}${indent}  | ${type}`;
    return typed.map(line).join("");
  }

  #object({ properties, required = [], additionalProperties }, way, indent) {
    const lines = Object.entries(properties).map(([name, schema]) => {
      const optional = required.includes(name) ? "" : "?";
      const inner = `${indent}  `;
      return `${comment(schema.description, inner)}${inner}${camel(name)}${optional}: ${this.type(schema, way, inner)};`;
    });
    if (lines.length === 0) return additionalProperties === false ? "Record<string, never>" : "{}";
    return `{\n${lines.join("\n")}\n${indent}}`;
  }

  #simple(schema, way, indent) {
    if (schema.const !== undefined) return JSON.stringify(schema.const);
    if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
    const types = [schema.type].flat().map((type) => this.#named(type, schema, way, indent));
    return [...new Set(types)].join(" | ");
  }

  #named(type, schema, way, indent) {
    switch (type) {
      case "null":
      case "boolean":
        return type;
      case "integer":
      case "number":
        return "number";
      case "string":
        if (schema.format !== "date-time") return "string";
        return way === "given" ? "Date | string" : "Date";
      case "array": {
        if (schema.prefixItems) return `[${schema.prefixItems.map((item) => this.type(item, way, indent)).join(", ")}]`;
        const item = this.type(schema.items ?? true, way, indent);
        return /[|&\n ]/.test(item) ? `Array<${item}>` : `${item}[]`;
      }
      case "object": {
        const value = this.type(schema.additionalProperties ?? true, way, indent);
        return `Record<string, ${value}>`;
      }
      default:
        throw new Error(`no type of TypeScript for ${JSON.stringify(schema)}`);
    }
  }
}

function isPlainObject(schema) {
  return schema.properties && !schema.oneOf && !schema.anyOf && !schema.$ref && Object.keys(schema.properties).length > 0;
}
