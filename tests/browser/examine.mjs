// Checks of every page.
import assert from "node:assert/strict";

import { AXE } from "./library.mjs";

const RULES = {
  runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
  // Disabled by default.
  rules: { "target-size": { enabled: true } },
};

// The open page must be accessible, have one h1 and a title, and fit the width of the screen.
export async function examine(page, name) {
  await page.evaluate(AXE);
  const { violations, passes } = await page.evaluate((rules) => globalThis.axe.run(document, rules), RULES);
  const found = violations.map(({ id, help, nodes }) => ({ id, help, nodes: nodes.slice(0, 5).map((it) => `${it.target}: ${it.failureSummary}`) }));
  assert.deepEqual(found, [], `${name} is not accessible`);
  assert.ok(passes.length > 10, "the rules were applied");
  assert.equal(await page.locator("h1").count(), 1, `${name} has one heading`);
  assert.match(await page.title(), /^.+ · crick$/);
  const [inner, outer] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(inner <= outer, `${name} is ${inner} pixels wide on ${outer}`);
}
