// The server with its own database in a temporary folder.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const PROGRAM = join(process.env.CRICK_PROGRAMS, "crick-api-server");
const folder = mkdtempSync(join(tmpdir(), "crick-browser."));
const environment = {
  PATH: process.env.PATH,
  HOME: "/nonexistent",
  CRICK_DSN: `sqlite:${folder}/crick.db`,
};

function crick(...words) {
  return execFileSync(PROGRAM, words, { env: environment, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

// Executes SQL to create states that need time or a mistake.
export function execute(statement) {
  const program = "import sqlite3, sys; db = sqlite3.connect(sys.argv[1]); db.execute(sys.argv[2]); db.commit()";
  execFileSync("python3", ["-c", program, `${folder}/crick.db`, statement], { stdio: "pipe" });
}

// Adds a user, and returns a token with all permissions.
export function person(login) {
  crick("user", "add", login);
  return crick("token", "create", login, "--device", "laptop", "--scopes", "sync,read,write", "--quiet").trim();
}

execFileSync(join(process.env.CRICK_PROGRAMS, "crick-api-migrate"), ["up"], { env: environment, stdio: "pipe" });
const limits = ["--rate-limit-token", "0", "--rate-limit-address", "0"];
const child = spawn(PROGRAM, ["--listen", "127.0.0.1:0", "--log-format", "json", ...limits], {
  env: environment,
  stdio: ["ignore", "ignore", "pipe"],
});

// The errors that the server logged.
export const failures = [];

// The server's URL.
export const address = await new Promise((found, lost) => {
  child.once("exit", () => lost(new Error("the server did not start")));
  createInterface({ input: child.stderr }).on("line", (line) => {
    const event = JSON.parse(line);
    if (event.fields.message === "listening") found(`http://${event.fields.address}`);
    if (event.level === "ERROR") failures.push(line);
  });
});

export async function stop() {
  const ended = new Promise((done) => child.once("exit", done));
  child.kill();
  await ended;
  rmSync(folder, { recursive: true });
}

// Sends a request to the API, and returns the JSON.
export async function ask(token, method, path, body) {
  const headers = { Authorization: `Token ${token}`, "Content-Type": "application/json" };
  const response = await fetch(address + path, { method, headers, body: body && JSON.stringify(body) });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return response.status === 204 ? null : response.json();
}

// The API's status for a token.
export async function status(token) {
  const response = await fetch(`${address}/users/me`, { headers: { Authorization: `Token ${token}` } });
  return response.status;
}
