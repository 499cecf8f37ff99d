// The dashboard in a browser: each test is a sentence.
import assert from "node:assert/strict";
import { after, test } from "node:test";

import { browser } from "./library.mjs";
import { failures, stop } from "./server.mjs";

import "./every_page.mjs";
import "./keyboard.mjs";
import "./journey.mjs";
import "./elsewhere.mjs";
import "./weight.mjs";
// Last: the other pages show the invitation that is answered here.
import "./invitation.mjs";

test("the server noted no failure of its own", () => assert.deepEqual(failures, []));

after(async () => {
  await browser.close();
  await stop();
});
