// A user's way through the dashboard, with and without JavaScript.
import assert from "node:assert/strict";
import { test } from "node:test";

import { examine } from "./examine.mjs";
import { address, status } from "./server.mjs";
import { ada } from "./world.mjs";
import { content, refusal, signIn, visit } from "./visit.mjs";

const TABS = ["Week", "Year", "Tags", "Frames", "Teams", "Devices"];

async function signInAtSecondAttempt(visitor) {
  const { page } = visitor;
  await page.goto("/dashboard/frames");
  await page.getByLabel("Token").fill("crick-wrong");
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  assert.match(await page.getByRole("alert").textContent(), /^Invalid token/);
  content(visitor, [refusal(403, "Forbidden")]);
  await page.getByLabel("Token").fill(ada);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.waitForURL(`${address}/dashboard/frames`);
}

async function read(page) {
  for (const tab of TABS) {
    const link = page.getByRole("navigation", { name: "Dashboard" }).getByRole("link", { name: tab });
    await link.click();
    await page.locator("nav [aria-current=page]", { hasText: tab }).waitFor();
    assert.equal(await page.locator("h1").count(), 1);
  }
}

// Creates a token for `device`, uses it, and revokes it.
async function createAndRevoke(page, device, hasScript) {
  await page.getByLabel("Name", { exact: true }).fill(device);
  await page.getByRole("button", { name: "Create token" }).click();
  const lines = await page.locator("pre").textContent();
  const token = /backend\.token (\S+)/.exec(lines)?.[1];
  assert.ok(lines.includes(`backend.url ${address}/watson`), lines);
  if (hasScript) await examine(page, "a new token");
  assert.equal(await status(token), 200);
  await page.getByRole("link", { name: "All devices" }).click();
  await page.getByRole("link", { name: `Send everything again to ${device}` }).click();
  await page.getByRole("button", { name: "Send everything again" }).click();
  await page.getByText("receives all frames at its next sync").waitFor();
  await page.getByRole("link", { name: `Revoke ${device}` }).click();
  assert.equal(await status(token), 200, "the confirmation page does nothing");
  await page.getByRole("button", { name: "Revoke token" }).click();
  await page.getByText("revoked").waitFor();
  assert.equal(await status(token), 401);
  assert.equal(await page.getByRole("link", { name: `Revoke ${device}` }).count(), 0);
}

async function signOut(page) {
  await page.goto("/dashboard/frames");
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.waitForURL(`${address}/dashboard/sign-in`);
  for (const show of [() => page.goBack(), () => page.goto("/"), () => page.goto("/dashboard/frames")]) {
    await show();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    assert.ok(!(await page.content()).includes("mission"), "no page of the session is shown");
  }
}

for (const hasScript of [true, false]) {
  test(`a user signs in, reads, creates a token, revokes it and signs out ${hasScript ? "with" : "without"} JavaScript`, async () => {
    const visitor = await visit({ javaScriptEnabled: hasScript });
    await signInAtSecondAttempt(visitor);
    await read(visitor.page);
    await createAndRevoke(visitor.page, hasScript ? "phone" : "tablet", hasScript);
    await signOut(visitor.page);
    content(visitor);
    await visitor.context.close();
  });
}

test("the session has the browser's time zone", async () => {
  const { page, context } = await visit();
  await signIn(page, ada);
  assert.equal(await page.getByLabel("Time zone").inputValue(), "Europe/Paris");
  await page.getByLabel("Time zone").fill("America/New_York");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.locator("input[name=zone][value='America/New_York']").waitFor();
  await context.close();
});
