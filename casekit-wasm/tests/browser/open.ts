// Opens a built page and waits until it says that it is done: `node open.js folder`.
import { launch, serve, watched } from "./support.js";

const folder = process.argv[2];
if (!folder) throw new Error("which folder?");
const { address, server } = await serve(folder);
const browser = await launch();
try {
  const { page, faults } = watched(await browser.newPage());
  const said = page.waitForEvent("console", { predicate: (message) => message.type() === "log", timeout: 30_000 });
  await page.goto(`${address}/`);
  const text = (await said).text();
  if (!/waited; Carla reads/.test(text)) throw new Error(`the page says: ${text}`);
  if (faults.length > 0) throw new Error(faults.join("\n"));
  console.log(text);
} finally {
  await browser.close();
  server.close();
}
