// Other sites, and scripts in pages, can do nothing.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";

import { address, ask } from "./server.mjs";
import { ada } from "./world.mjs";
import { signIn, visit } from "./visit.mjs";

test("no script sees the cookie", async () => {
  const { page, context } = await visit();
  await signIn(page, ada);
  assert.equal(await page.evaluate(() => document.cookie), "");
  const [cookie] = await context.cookies();
  assert.deepEqual([cookie.httpOnly, cookie.sameSite], [true, "Strict"]);
  await context.close();
});

// A page on another port whose form creates a team.
async function evil(csrf) {
  const form = `<form method="post" action="${address}/dashboard/teams">
    <input name="name" value="stolen"><input name="add" value="0"><input name="csrf" value="${csrf}">
    <button>Win</button></form>`;
  const server = createServer((_, response) => response.setHeader("Content-Type", "text/html").end(form));
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  return server;
}

for (const [what, host] of [["site", "localhost"], ["port", "127.0.0.1"]]) {
  test(`a form on another ${what} does nothing, even one with the right token`, async () => {
    const { page, context } = await visit();
    await signIn(page, ada);
    const before = await ask(ada, "GET", "/teams");
    const csrf = await page.locator("input[name=csrf]").first().inputValue();
    const server = await evil(csrf);
    await page.goto(`http://${host}:${server.address().port}/`);
    const answer = page.waitForResponse((response) => response.url().startsWith(`${address}/dashboard/teams`));
    await page.getByRole("button", { name: "Win" }).click();
    assert.equal((await answer).status(), 403);
    assert.deepEqual(await ask(ada, "GET", "/teams"), before);
    await page.goto("/");
    await page.getByRole("button", { name: "Sign out" }).waitFor();
    server.close();
    await context.close();
  });
}

test("no other page can show ours in a frame", async () => {
  const { page, context } = await visit();
  const server = createServer((_, response) => response.setHeader("Content-Type", "text/html").end(`<iframe src="${address}/dashboard/sign-in">`));
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  const inside = await page.frames()[1].content();
  assert.ok(!inside.includes("Token"), inside);
  server.close();
  await context.close();
});

test("forms work over plain HTTP, where the browser does not say by whom they are sent", async () => {
  const { page, context } = await visit({ baseURL: address.replace("127.0.0.1", "crick.test") });
  const asked = page.waitForRequest((request) => request.method() === "POST");
  await signIn(page, ada);
  const headers = await (await asked).allHeaders();
  assert.deepEqual([headers["sec-fetch-site"], headers.origin], [undefined, new URL(page.url()).origin]);
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await context.close();
});
