// Every page in light and dark, on desktop and phone.
import { test } from "node:test";

import { examine } from "./examine.mjs";
import { VISITS } from "./pages.mjs";
import { SIZES, content, refusal, signIn, visit } from "./visit.mjs";

async function look({ token, pages }, scheme, size) {
  const visitor = await visit({ colorScheme: scheme, viewport: SIZES[size], isMobile: size === "phone", hasTouch: size === "phone" });
  const { page, context } = visitor;
  if (token) await signIn(page, token);
  for (const { name, path, refusal: refused } of pages) {
    await page.goto(path);
    const picture = `${process.env.CRICK_BROWSER_FOLDER}/${name}-${scheme}-${size}.png`;
    await page.screenshot({ path: picture, fullPage: !name.startsWith("grace") });
    await examine(page, `${name}, ${scheme}, ${size}`);
    content(visitor, refused ? [refusal(...refused)] : []);
  }
  await context.close();
}

for (const scheme of ["light", "dark"]) {
  for (const size of Object.keys(SIZES)) {
    test(`every page is accessible, fits and is quiet: ${scheme}, ${size}`, async () => {
      for (const group of VISITS) await look(group, scheme, size);
    });
  }
}
