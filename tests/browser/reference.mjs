// Opens the API reference as a person would: node reference.mjs PAGE KEY FOLDER
//
// PAGE is the address of the page, KEY an API key of a sandbox, FOLDER where screenshots go.
// CHROMIUM names the browser; /usr/bin/chromium when it is not set.

import assert from "node:assert/strict";
import { join } from "node:path";
import { chromium } from "playwright-core";

const [page, key, folder] = process.argv.slice(2);
const ARGUMENTS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
];

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ARGUMENTS,
});
const troubles = [];

async function open(width, height) {
  const context = await browser.newContext({ viewport: { width, height } });
  const tab = await context.newPage();
  tab.setDefaultTimeout(20_000);
  tab.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) troubles.push(`${message.type()}: ${message.text()}`);
  });
  tab.on("pageerror", (error) => troubles.push(`page: ${error.message}`));
  tab.on("request", (request) => {
    const { origin, protocol } = new URL(request.url());
    const isOwn = origin === new URL(page).origin || protocol === "data:";
    if (!isOwn) troubles.push(`request to ${request.url()}`);
  });
  await tab.goto(page);
  await tab.waitForSelector(".opblock");
  return tab;
}

async function authorize(tab) {
  await tab.click(".auth-wrapper .btn.authorize");
  await tab.fill(".auth-container input", key);
  await tab.click(".auth-btn-wrapper .btn.authorize");
  await tab.screenshot({ path: join(folder, `authorized-${tab.viewportSize().width}.png`) });
  await tab.click(".auth-btn-wrapper .btn-done");
}

/** Sends an example of POST /accounts and returns the status that the page shows. */
async function create(tab, example) {
  const block = tab.locator("#operations-Accounts-create-an-account");
  await block.locator(".opblock-summary-control").click();
  await block.locator(".examples-select select").first().selectOption(example);
  await block.locator(".btn.execute").click();
  const status = block.locator(".live-responses-table .response-col_status").nth(1);
  await status.waitFor();
  await status.scrollIntoViewIfNeeded();
  await tab.screenshot({ path: join(folder, `created-${tab.viewportSize().width}.png`) });
  return (await status.innerText()).trim();
}

try {
  const desktop = await open(1280, 900);
  assert.equal(await desktop.title(), "Muster API reference");
  await desktop.screenshot({ path: join(folder, "reference-1280.png") });
  await authorize(desktop);
  assert.match(await create(desktop, "by-reference-id"), /^201/);
  const stored = await desktop.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]));
  assert.ok(!stored.includes(key), "the key is not stored");

  await desktop.selectOption("#version", "2023-01-05");
  await desktop.waitForFunction(() => document.querySelector(".info .version")?.textContent.includes("2023-01-05"));

  const phone = await open(390, 844);
  await phone.screenshot({ path: join(folder, "reference-390.png") });
  await authorize(phone);
  assert.match(await create(phone, "with-attributes"), /^201/);
  const width = await phone.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(width <= 390, `the page is ${width} pixels wide on a phone`);

  assert.deepEqual(troubles, [], "nothing is refused by the policy of the page, nothing is fetched from elsewhere");
  console.log("reference page: fine");
} finally {
  await browser.close();
}
