// The size and load time of the first page.
import assert from "node:assert/strict";
import { test } from "node:test";

import { ada, grace } from "./world.mjs";
import { signIn, visit } from "./visit.mjs";

const MOST_BYTES = 60_000;

// Loads the first page with an empty cache: transferred bytes by kind, and milliseconds.
async function load(token) {
  const { page, context } = await visit();
  await signIn(page, token);
  const inspector = await context.newCDPSession(page);
  const bytes = {};
  const kinds = new Map();
  inspector.on("Network.responseReceived", ({ requestId, type }) => kinds.set(requestId, type));
  inspector.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    const kind = kinds.get(requestId);
    bytes[kind] = (bytes[kind] ?? 0) + encodedDataLength;
  });
  await inspector.send("Network.enable");
  await inspector.send("Network.setCacheDisabled", { cacheDisabled: true });
  await page.goto("/", { waitUntil: "networkidle" });
  const milliseconds = await page.evaluate(() => performance.getEntriesByType("navigation")[0].loadEventEnd);
  await context.close();
  return { bytes, milliseconds };
}

for (const [name, token] of Object.entries({ ada, grace })) {
  test(`the first page is light: ${name}`, async (context) => {
    const loads = [];
    for (let times = 0; times < 10; times++) loads.push(await load(token));
    const { Document, Stylesheet, Script, ...others } = loads[0].bytes;
    const sum = Document + Stylesheet + Script;
    const times = loads.map((it) => it.milliseconds).sort((a, b) => a - b);
    const median = (times[4] + times[5]) / 2;
    context.diagnostic(
      `${sum} bytes with header fields (HTML ${Document}, CSS ${Stylesheet}, JavaScript ${Script}), loaded after ${median.toFixed(0)} ms`,
    );
    assert.deepEqual(Object.keys(others).filter((kind) => kind !== "Other" && kind !== "undefined"), []);
    assert.ok(sum < MOST_BYTES, `${sum} bytes`);
  });
}
