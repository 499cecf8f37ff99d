// The test data: a year of ada with difficult names, and a year of grace with plain ones.
import { randomUUID } from "node:crypto";

import { ask, execute, person } from "./server.mjs";

const NASTY = [
  "<script>alert(1)</script>",
  "\"><img src=x onerror=alert(1)>",
  "w".repeat(500),
  "a name of many words ".repeat(20).trim(),
  "פרויקט חשוב מאוד \u202Efdp.exe",
  "👩‍🚀 mission 🌍🌎🌏",
  "crick & watson; 'DNA'",
  "0",
];
const PLAIN = ["crick", "double helix", "lectures", "writing", "x-ray diffraction"];
const DAY = 86_400_000;

// A deterministic generator.
let seed = 20;
function below(limit) {
  seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
  return Math.floor((seed / 2_147_483_648) * limit);
}

function frame(begin, minutes, project, tags) {
  const at = (time) => new Date(time).toISOString();
  return { id: randomUUID(), begin_at: at(begin), end_at: at(begin + minutes * 60_000), project, tags };
}

function year(projects, tags, perDay) {
  const midnight = Math.floor(Date.now() / DAY) * DAY;
  const days = Array.from({ length: 365 }, (_, day) => midnight - (day + 1) * DAY);
  return days.flatMap((day) => {
    const isWeekend = [0, 6].includes(new Date(day).getUTCDay());
    const count = isWeekend ? below(2) : perDay;
    return Array.from({ length: count }, (_, at) => {
      const begin = day + (8 + at * 4) * 3_600_000 + below(60) * 60_000;
      return frame(begin, 20 + below(180), projects[below(projects.length)], tags[below(tags.length)]);
    });
  });
}

export const ada = person("ada");
export const bob = person("bob");
export const grace = person("grace");

const many = Array.from({ length: 40 }, (_, at) => `tag ${at} ${"<b>".repeat(at % 3)}`);
// Also frames of this hour, so that the current week has some on every day.
const now = Date.now();
const recent = NASTY.map((project, at) => frame(now - (at + 2) * 60_000, 1, project, at === 0 ? many : [project]));
await ask(ada, "POST", "/watson/frames/bulk", [...year(NASTY, [[], ["<i>"], NASTY, ["💾", "עברית"]], 2), ...recent]);
await ask(bob, "POST", "/watson/frames/bulk", year(["crick"], [[]], 1).slice(0, 40));
const work = year(PLAIN, [[], ["bench"], ["reading", "library"], ["bench", "film"]], 3);
await ask(grace, "POST", "/watson/frames/bulk", [...work, frame(now - 5_400_000, 80, "double helix", ["bench"])]);

const id = async (token) => (await ask(token, "GET", "/users/me")).id;
const [adas, bobs] = [await id(ada), await id(bob)];
const make = (token, body) => ask(token, "POST", "/teams", body);

// Ada's team with a pending invitation for bob, and bob's with one for ada.
export const team = await make(ada, { name: NASTY[0], projects: NASTY, user_ids: [bobs] });
export const waiting = await make(bob, { name: "crew & co", projects: ["crick", ...NASTY.slice(0, 3)], user_ids: [adas] });
// Shared tokens, one of them by mistake.
await ask(ada, "POST", "/users/me/tokens", { name: "office & lab", scopes: ["sync"], shared: true });
const copied = await ask(ada, "POST", "/users/me/tokens", { name: "old laptop", scopes: ["sync"] });
execute(`UPDATE api_tokens SET is_shared = true, found_shared_at = created_at WHERE device = '${copied.name}'`);
const { tokens } = await ask(ada, "GET", "/users/me/tokens");

// The device of ada's session.
export const device = tokens.find(({ name }) => name === "laptop").id;
export const sharedDevice = copied.id;
