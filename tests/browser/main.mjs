// The dashboard in a browser: each test is a sentence.
import assert from "node:assert/strict";
import { after, test } from "node:test";

import { browser } from "./library.mjs";
import { failures, stop } from "./server.mjs";

after(async () => {
  await browser.close();
  await stop();
});

// The invitation is answered last: the other pages show it.
for (const subject of ["every_page", "keyboard", "journey", "elsewhere", "weight", "invitation"]) {
  await import(`./${subject}.mjs`);
}

test("the server noted no failure of its own", () => assert.deepEqual(failures, []));
