// The one rule of names: fields have underscores in core and capitals in JavaScript.

/** `customer_name` becomes `customerName`. */
export function camel(name) {
  return name.replace(/_([a-z0-9])/g, (_, letter) => letter.toUpperCase());
}

/** The name that a reference leads to. */
export function referred(schema) {
  return schema.$ref?.split("/").at(-1);
}

/** What schemas say beside their type: nothing that the types need. */
const SILENT = new Set(["description", "default", "title"]);

/** Whether a schema is a reference and nothing else. */
export function isReference(schema) {
  return schema.$ref !== undefined && Object.keys(schema).every((key) => key === "$ref" || SILENT.has(key));
}
