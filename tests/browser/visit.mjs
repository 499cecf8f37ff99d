// A browser that records everything that a page must not do.
import assert from "node:assert/strict";

import { browser } from "./library.mjs";
import { address } from "./server.mjs";

export const SIZES = { desktop: { width: 1280, height: 900 }, phone: { width: 390, height: 844 } };

// A new browser. `complaints` are console messages, script errors, dialogs and requests to other hosts.
export async function visit(options = {}) {
  const context = await browser.newContext({ baseURL: address, viewport: SIZES.desktop, timezoneId: "Europe/Paris", ...options });
  const complaints = [];
  context.on("console", (message) => complaints.push(`${message.type()}: ${message.text()}`));
  context.on("weberror", (error) => complaints.push(String(error.error())));
  context.on("dialog", (dialog) => complaints.push(`dialog: ${dialog.message()}`) && dialog.dismiss());
  context.on("request", (request) => {
    const url = new URL(request.url());
    if (url.origin !== address && url.protocol !== "data:") complaints.push(`asked ${url}`);
  });
  const page = await context.newPage();
  return { context, page, complaints };
}

// Signs in with the form.
export async function signIn(page, token) {
  await page.goto("/dashboard/sign-in");
  await page.getByLabel("Token").fill(token);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.getByRole("button", { name: "Sign out" }).waitFor();
}

// Fails if the browser complained, except for the `expected` messages about refusals.
export function content({ page, complaints }, expected = []) {
  assert.deepEqual(complaints.splice(0), expected, page.url());
}

export const refusal = (status, words) =>
  `error: Failed to load resource: the server responded with a status of ${status} (${words})`;
