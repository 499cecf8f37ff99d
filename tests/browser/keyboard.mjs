// Keyboard navigation.
import assert from "node:assert/strict";
import { test } from "node:test";

import { OF_ADA } from "./pages.mjs";
import { address } from "./server.mjs";
import { ada } from "./world.mjs";
import { signIn, visit } from "./visit.mjs";

// The focused element; null at the end of a page.
const focus = (page) =>
  page.evaluate(() => {
    const element = document.activeElement;
    if (!element || element === document.body) return null;
    const { outlineStyle, outlineWidth } = getComputedStyle(element);
    const box = element.getBoundingClientRect();
    const name = `${element.localName} ${element.className} ${element.textContent.trim().slice(0, 30)}`;
    // Chromium draws its own ring around the calendar button of a date field.
    if (!element.matches(":focus")) return { name, isVisible: element.type === "date" };
    const isVisible = outlineStyle !== "none" && parseFloat(outlineWidth) >= 1 && box.width > 1 && box.height > 1 && box.right > 0 && box.bottom > 0;
    return { name, isVisible };
  });

// Autofocus happens at the first paint or a task later, possibly after the load event.
const hasFocus = (page, id) => page.waitForFunction((it) => document.activeElement?.id === it, id);

test("the keyboard alone signs in and reaches the navigation", async () => {
  const { page, context } = await visit();
  await page.goto("/dashboard/sign-in");
  await hasFocus(page, "token");
  await page.keyboard.type(ada);
  await page.keyboard.press("Enter");
  await page.waitForURL(`${address}/`);
  await page.keyboard.press("Tab");
  assert.match((await focus(page)).name, /Skip to content/);
  await page.keyboard.press("Enter");
  await hasFocus(page, "content");
  await page.goto("/");
  for (let presses = 0; !/Year/.test((await focus(page))?.name); presses++) {
    assert.ok(presses < 10, "the navigation is soon reached");
    await page.keyboard.press("Tab");
  }
  await page.keyboard.press("Enter");
  await page.waitForURL(`${address}/dashboard/year`);
  await context.close();
});

for (const colorScheme of ["light", "dark"]) {
  test(`where the focus is can be seen on every page: ${colorScheme}`, async () => {
    const { page, context } = await visit({ colorScheme });
    await signIn(page, ada);
    for (const { name, path } of OF_ADA) {
      await page.goto(path);
      let stops = 0;
      for (; stops < 40; stops++) {
        await page.keyboard.press("Tab");
        const at = await focus(page);
        if (!at) break;
        assert.ok(at.isVisible, `${name}: ${at.name}`);
      }
      assert.ok(stops > 2, `${name} has something to go to`);
    }
    await context.close();
  });
}
