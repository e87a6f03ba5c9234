// Descriptions of the core as comments of TypeScript.

const KINDS = /`(NotFound|Invalid|Conflict|Taken|Denied|Limit|Unavailable|Storage|Unsupported|Bug)`/g;

/** The lines of a comment, indented; none if there is nothing to say. */
export function comment(description, indent = "") {
  if (!description) return "";
  const lines = spoken(description).trim().split("\n");
  if (lines.length === 1) return `${indent}/** ${lines[0]} */\n`;
  return `${indent}/**\n${lines.map((line) => `${indent} * ${line}`.trimEnd()).join("\n")}\n${indent} */\n`;
}

/** Links to items of Rust lead nowhere here: their names stay. Kinds of errors are written as they are here. */
function spoken(description) {
  const named = description.replace(/\[(`[^`\]]+`)\](\([^)]*\))?/g, (_, name) => name.replaceAll("::", "."));
  const kinds = named.replace(KINDS, (kind) => kind.replace(/(?<=\w)[A-Z]/g, (letter) => `_${letter}`).toLowerCase());
  return kinds.replace("# Errors\n", "Errors: ").replaceAll("*/", "* /");
}
