// The two libraries, which are installed outside of this folder, and Chromium.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(`${process.env.CRICK_BROWSER_FOLDER}/package.json`);
const { chromium } = require("playwright-core");

// axe-core, to be evaluated in a page.
export const AXE = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

export const browser = await chromium.launch({
  executablePath: process.env.CRICK_CHROMIUM,
  // Test going back with the cache of real browsers.
  ignoreDefaultArgs: ["--disable-back-forward-cache"],
  args: [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    // A host that browsers do not treat as secure, unlike localhost.
    "--host-resolver-rules=MAP crick.test 127.0.0.1",
  ],
});
