import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

export default defineConfig({
  base: "./",
  plugins: [svelte()],
  // The development server would otherwise bundle it without its `.wasm`.
  optimizeDeps: { exclude: ["casekit"] },
});
