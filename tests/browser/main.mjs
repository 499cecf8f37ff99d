// The dashboard in a browser.
import assert from "node:assert/strict";
import { after, test } from "node:test";

import { browser } from "./library.mjs";
import { failures, stop } from "./server.mjs";

import "./every_page.mjs";
import "./keyboard.mjs";
import "./journey.mjs";
import "./elsewhere.mjs";
import "./weight.mjs";
// Last, because it accepts the invitation that other pages show.
import "./invitation.mjs";

test("the server logged no error", () => assert.deepEqual(failures, []));

after(async () => {
  await browser.close();
  await stop();
});
