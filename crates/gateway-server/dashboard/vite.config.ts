import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const gateway = process.env.GATEWAY_URL ?? "http://127.0.0.1:8080";

/** The gateway takes calls that change something from its own pages only, so the proxy speaks as one of them. */
const proxied = {
  target: gateway,
  changeOrigin: true,
  headers: { origin: gateway },
};

export default defineConfig({
  base: "/ui/",
  plugins: [react()],
  // Several servers at once over the same sources want a cache each.
  cacheDir: process.env.VITE_CACHE ?? "node_modules/.vite",
  build: {
    outDir: "dist",
    sourcemap: false,
    target: "es2022",
    // The policy of the gateway allows what it serves itself; nothing is put into the page as data.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 600,
    // As the navigation is grouped: a few large files compress better than thirty small ones, and whoever reads one page of a
    // group reads the others too.
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: "app", test: /node_modules\/(?!uplot)|src\/(parts\/(?!chart|limits)|lib|api|app)\//i },
            { name: "observe", test: /src\/(pages\/(overview|logs)\/(?!search)|parts\/chart)|uplot/i },
            { name: "build", test: /src\/pages\/(providers|models|routing|playground)\/(?!search)/ },
            { name: "govern", test: /src\/(pages\/(?!.*search)|parts\/limits)/ },
          ],
        },
      },
    },
  },
  server: {
    proxy: { "/api": proxied, "/v1": proxied, "/health": proxied, "/metrics": proxied },
  },
  test: {
    environment: "jsdom",
    include: ["src/**/*.test.{ts,tsx}"],
    setupFiles: ["src/test.ts"],
    env: { TZ: "UTC" },
  },
});
