// The sessions: a method for each operation, those of staff and those of customers.
import { comment } from "./documentation.mjs";
import { camel, isReference, referred } from "./names.mjs";
import { pruned, shapeOf } from "./shapes.mjs";
import { Types } from "./types.mjs";

const SESSIONS = [
  ["AgentSession", "staff", "What an agent, or the host's own program, may do in a workspace."],
  ["CustomerSession", "customers", "What a customer may do and see in a workspace."],
];

/** The file of the sessions. */
export function sessionsOf(description) {
  const types = new Types(description);
  const bodies = SESSIONS.map(([name, audience, about]) => {
    const operations = description.operations.filter((operation) => operation.audience === audience);
    const methods = operations.map((operation) => method(operation, description, types));
    return `/** ${about} */\nexport class ${name} extends Session {\n${methods.join("\n")}}\n`;
  });
  const used = bodies.join("\n");
  const names = [...types.given, ...types.received].flatMap((name) => [name, `${name}Input`]);
  const imported = [...new Set(names)].filter((name) => new RegExp(`[^.\\w]${name}[^\\w]`).test(used)).sort();
  return `import type { Paged } from "../pages.js";
import { Session } from "../session.js";
import type {
  ${imported.join(",\n  ")},
} from "./types.js";

${used}`;
}

/** Which operation has which shapes. */
export function operationShapes({ operations, $defs, $written }, shapes) {
  const entries = operations.map(({ name, input, output }) => {
    const both = [shapeOf(input, $defs), shapeOf(output, $written)];
    return [name, both.map((shape) => pruned(shape, shapes))];
  });
  return Object.fromEntries(entries);
}

function method({ name, input, output }, { $defs, $written }, types) {
  const given = $defs[referred(input)];
  const about = comment(given.description, "  ");
  const answer = output.type === "null" ? "void" : types.type(output, "received");
  const type = types.name(referred(input), "given");
  const parameter = parameterOf(given, type);
  const passed = parameter === "" ? "{}" : "input";
  const list = listOf(given, output, $written);
  if (list) {
    const item = types.type($written[referred(output)].properties[list].items, "received");
    const pages = `this.pages("${name}", ${passed}, "${camel(list)}")`;
    return written(about, `${camel(name)}(${parameter}): Paged<${answer}, ${item}>`, pages);
  }
  return written(about, `${camel(name)}(${parameter}): Promise<${answer}>`, `this.run("${name}", ${passed})`);
}

function written(about, signature, does) {
  return `${about}  ${signature} {\n    return ${does};\n  }\n`;
}

function parameterOf({ properties = {}, required = [] }, type) {
  if (Object.keys(properties).length === 0) return "";
  return required.length > 0 ? `input: ${type}` : `input: ${type} = {}`;
}

/** The list of a page, for operations that answer with pages. */
function listOf(given, output, definitions) {
  const after = given.properties?.after;
  const isPaged = after && JSON.stringify(after).includes("/Cursor");
  if (!isPaged || !isReference(output)) return undefined;
  const { properties } = definitions[referred(output)];
  const lists = Object.entries(properties).filter(([, schema]) => schema.type === "array");
  return properties.next && lists.length === 1 ? lists[0][0] : undefined;
}
