// Accepting an invitation shares the selected projects.
import assert from "node:assert/strict";
import { test } from "node:test";

import { ask } from "./server.mjs";
import { ada, waiting } from "./world.mjs";
import { content, signIn, visit } from "./visit.mjs";

test("accepting an invitation shares only the selected projects", async () => {
  const visitor = await visit({ javaScriptEnabled: false });
  const { page, context } = visitor;
  await signIn(page, ada);
  await page.getByRole("navigation", { name: "Dashboard" }).getByRole("link", { name: "Teams 1 pending" }).click();
  await page.getByRole("link", { name: "Invitations", exact: true }).click();
  assert.equal(await page.getByRole("checkbox", { checked: true }).count(), 0);
  await page.getByLabel("<script>alert(1)</script>").check();
  await page.getByRole("button", { name: "Join and share selected" }).click();
  await page.getByText("You joined the team.").waitFor();
  const { projects } = await ask(ada, "GET", `/teams/${waiting.id}/members/me`);
  assert.deepEqual(projects, ["<script>alert(1)</script>"]);
  content(visitor);
  await context.close();
});
