// Puts `idb` beside the compiled package: a page with nothing but `<script type="module">` has no one to find
// packages by name.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";

const from = "node_modules/idb";
const to = "dist/vendor";
mkdirSync(to, { recursive: true });
copyFileSync(`${from}/build/index.js`, `${to}/idb.js`);
copyFileSync(`${from}/LICENSE`, `${to}/idb.LICENSE`);

const file = "dist/indexeddb/connection.js";
const text = readFileSync(file, "utf8");
const vendored = text.replace('from "idb"', 'from "../vendor/idb.js"');
if (vendored === text) throw new Error(`${file} does not import \`idb\` where it was expected`);
writeFileSync(file, vendored);
