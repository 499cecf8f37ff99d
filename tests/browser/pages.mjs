// The pages and their users. Add every new page here.
import { ada, device, grace, sharedDevice, team } from "./world.mjs";

const year = new Date().getUTCFullYear();

export const PUBLIC = [{ name: "sign-in", path: "/dashboard/sign-in" }];

export const OF_ADA = [
  { name: "week", path: "/" },
  { name: "week-empty", path: "/?week=1999-W01" },
  { name: "year", path: `/dashboard/year?year=${year}` },
  { name: "tags", path: "/dashboard/tags?range=year" },
  { name: "tags-month", path: "/dashboard/tags?range=month" },
  { name: "frames", path: "/dashboard/frames" },
  { name: "frames-none", path: "/dashboard/frames?project=none" },
  { name: "frames-2", path: "/dashboard/frames?page=2" },
  { name: "feeds", path: "/dashboard/feeds" },
  { name: "teams", path: "/dashboard/teams" },
  { name: "team", path: `/dashboard/teams/${team.id}?range=year&q=bo` },
  { name: "invitations", path: "/dashboard/invitations" },
  { name: "devices", path: "/dashboard/devices" },
  { name: "revoke", path: `/dashboard/devices/${device}/revoke` },
  { name: "resend", path: `/dashboard/devices/${sharedDevice}/resend` },
  { name: "not-found", path: "/dashboard/nothing", refusal: [404, "Not Found"] },
  { name: "bad-week", path: "/?week=nonsense", refusal: [400, "Bad Request"] },
];

// Without unusual names, for the README.
export const OF_GRACE = [
  { name: "grace-week", path: "/" },
  { name: "grace-year", path: `/dashboard/year?year=${year}` },
  { name: "grace-tags", path: "/dashboard/tags?range=month" },
];

export const VISITS = [
  { token: null, pages: PUBLIC },
  { token: ada, pages: OF_ADA },
  { token: grace, pages: OF_GRACE },
];
