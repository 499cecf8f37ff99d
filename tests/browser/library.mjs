// The two libraries, installed outside of this folder, and Chromium itself.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(`${process.env.CRICK_BROWSER_FOLDER}/package.json`);
const { chromium } = require("playwright-core");

// What finds what is not accessible, to be run in a page.
export const AXE = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

export const browser = await chromium.launch({
  executablePath: process.env.CRICK_CHROMIUM,
  // Going back must be tried with the cache that people's browsers have for it.
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
    // A name that a browser does not trust as it trusts the machine itself.
    "--host-resolver-rules=MAP crick.test 127.0.0.1",
  ],
});
