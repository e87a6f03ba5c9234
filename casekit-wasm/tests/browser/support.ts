// A server for pages, and a browser that opens them.
import { createServer, type Server } from "node:http";
import { readFile } from "node:fs/promises";
import { extname, join, normalize } from "node:path";
import { chromium, type Browser, type Page } from "playwright-core";

const TYPES: Record<string, string> = {
  ".css": "text/css",
  ".html": "text/html",
  ".js": "text/javascript",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};

/** A page that is alone in its process has a finer clock. */
const ALONE = { "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp" };

const EMPTY = "<!doctype html><html lang=en><title>casekit</title>";

/** Serves a folder; what is not there is an empty page. */
export async function serve(folder: string): Promise<{ address: string; server: Server }> {
  const server = createServer(async ({ url = "/" }, response) => {
    // Browsers ask for it without being told.
    if (url === "/favicon.ico") return void response.writeHead(204).end();
    const path = normalize(new URL(url, "http://localhost").pathname);
    const file = path.endsWith("/") ? `${path}index.html` : path;
    try {
      const bytes = await readFile(join(folder, file));
      response.writeHead(200, { ...ALONE, "content-type": TYPES[extname(file)] ?? "application/octet-stream" }).end(bytes);
    } catch {
      const isPage = extname(file) === ".html";
      response.writeHead(isPage ? 200 : 404, { ...ALONE, "content-type": "text/html" }).end(isPage ? EMPTY : "");
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  return { address: `http://127.0.0.1:${port}`, server };
}

export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env["CASEKIT_CHROMIUM"] ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** A page in which what goes wrong is an error here. */
export function watched(page: Page): { page: Page; faults: string[] } {
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") faults.push(message.text());
  });
  return { page, faults };
}
