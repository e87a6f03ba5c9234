// Completes the compiled package: with the licences, and with `idb`, because a page with nothing but
// `<script type="module">` has no one to find packages by name.
import { copyFileSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";

const from = "node_modules/idb";
const to = "dist/vendor";
mkdirSync(to, { recursive: true });
copyFileSync(`${from}/build/index.js`, `${to}/idb.js`);
copyFileSync(`${from}/LICENSE`, `${to}/idb.LICENSE`);

for (const licence of ["LICENSE-APACHE", "LICENSE-MIT"]) copyFileSync(`../${licence}`, `dist/${licence}`);

const folder = "dist/indexeddb";
let found = 0;
for (const name of readdirSync(folder).filter((name) => name.endsWith(".js"))) {
  const text = readFileSync(`${folder}/${name}`, "utf8");
  const vendored = text.replace('from "idb"', 'from "../vendor/idb.js"');
  if (vendored === text) continue;
  writeFileSync(`${folder}/${name}`, vendored);
  found += 1;
}
if (found === 0) throw new Error(`nothing in ${folder} imports \`idb\` as it was expected`);
