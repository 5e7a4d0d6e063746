// Walks the demo flow as people do: node hosted.mjs ORIGIN KEY TEMPLATE FOLDER SMTP-PORT
//
// ORIGIN is the address of a server whose e-mail goes to SMTP-PORT on this machine, KEY an API key of its sandbox,
// TEMPLATE the ID of the inquiry template of the demo, FOLDER where screenshots go.
// CHROMIUM names the browser; /usr/bin/chromium when it is not set.

import assert from "node:assert/strict";
import { createServer as createHttpServer } from "node:http";
import { createServer } from "node:net";
import { join } from "node:path";
import { chromium } from "playwright-core";

const [origin, key, template, folder, smtpPort] = process.argv.slice(2);
const ARGUMENTS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
];
const troubles = [];

/** Takes e-mail as a server would, and remembers it. */
const letters = [];
const waiting = [];
const sink = createServer((socket) => {
  let text = "";
  let letter = null;
  const say = (line) => socket.write(`${line}\r\n`);
  say("220 sink");
  socket.on("error", () => {});
  socket.on("data", (chunk) => {
    text += chunk;
    for (let at = text.indexOf("\r\n"); at >= 0; at = text.indexOf("\r\n")) {
      const line = text.slice(0, at);
      text = text.slice(at + 2);
      if (letter !== null) {
        if (line !== ".") { letter += `${line}\n`; continue; }
        letters.push(letter);
        waiting.splice(0).forEach((wake) => wake());
        letter = null;
        say("250 taken");
      } else if (/^DATA/i.test(line)) { letter = ""; say("354 go on"); }
      else if (/^QUIT/i.test(line)) { say("221 bye"); socket.end(); }
      else if (/^EHLO/i.test(line)) { say("250-sink"); say("250 8BITMIME"); }
      else say("250 fine");
    }
  });
});

/** The code in the first letter that comes after `seen` others. */
async function codeAfter(seen) {
  const late = setTimeout(() => { throw new Error("no e-mail came"); }, 20_000);
  while (letters.length <= seen) await new Promise((wake) => waiting.push(wake));
  clearTimeout(late);
  const body = letters[seen].split("\n\n").slice(1).join("\n");
  const plain = /base64/i.test(letters[seen]) ? Buffer.from(body, "base64").toString() : body;
  return plain.match(/\b\d{6}\b/)[0];
}

/** Where people go at the end. */
const visits = [];
const shop = createHttpServer((request, response) => {
  visits.push(new URL(request.url, "http://shop.invalid"));
  response.end("<!doctype html><title>Shop</title>back at the shop");
});

async function api(method, path, body) {
  const headers = { Authorization: `Bearer ${key}`, "Content-Type": "application/json", "Key-Inflection": "kebab" };
  const response = await fetch(`${origin}/api/v1${path}`, { method, headers, body: body && JSON.stringify(body) });
  const text = await response.text();
  assert.ok(response.ok, `${method} ${path}: ${response.status} ${text}`);
  return JSON.parse(text);
}

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ARGUMENTS });

async function open(width, height, more = {}) {
  const context = await browser.newContext({ viewport: { width, height }, ...more });
  const tab = await context.newPage();
  tab.setDefaultTimeout(20_000);
  const isMeant = (text) => /status of (409|422|410)/.test(text);
  tab.on("console", (message) => {
    const isBad = ["error", "warning"].includes(message.type()) && !isMeant(message.text());
    if (isBad) troubles.push(`${message.type()}: ${message.text()}`);
  });
  tab.on("pageerror", (error) => troubles.push(`page: ${error.message}`));
  return tab;
}

/** A picture of the page, which must fit its window. */
async function show(tab, name) {
  const { width } = tab.viewportSize();
  const needed = await tab.evaluate(() => document.documentElement.scrollWidth).catch(() => width);
  assert.ok(needed <= width, `${name} is ${needed} pixels wide on ${width}`);
  await tab.screenshot({ path: join(folder, `hosted-${name}-${width}.png`), fullPage: true });
}

const title = (tab) => tab.locator("h1").innerText();
const next = async (tab, name) => {
  await tab.locator("main form button").first().click();
  await tab.waitForFunction((wanted) => document.querySelector("h1")?.textContent === wanted, name);
};

/** The check digit of a machine-readable zone (ICAO 9303). */
function digit(text) {
  const value = (c) => (c === "<" ? 0 : c >= "A" ? c.charCodeAt(0) - 55 : Number(c));
  return [...text].reduce((sum, c, at) => sum + value(c) * [7, 3, 1][at % 3], 0) % 10;
}

function passport(last, first, born, expires) {
  const number = "L898902C3", own = "<".repeat(14);
  const parts = [number, born, expires, own].map((part) => part + digit(part));
  const all = parts[0] + parts[1] + parts[2] + parts[3];
  const second = `${parts[0]}UTO${parts[1]}F${parts[2]}${parts[3]}${digit(all)}`;
  return [`P<UTO${last}<<${first}`.padEnd(44, "<"), second];
}

const PDF = Buffer.from("%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n" +
  "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 72 72]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n");
const PNG = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");

/** From a one-time link on a desktop to the shop on a phone. */
async function walk() {
  const redirect = `http://127.0.0.1:${shop.address().port}/done?cart=7`;
  const made = await api("POST", "/inquiries", {
    data: { attributes: { "inquiry-template-id": template, "redirect-uri": redirect } },
    meta: { "auto-create-one-time-link": true, "auto-create-account-reference-id": "browser-1" },
  });
  const inquiry = made.data.id;

  const desktop = await open(1280, 900);
  await desktop.goto(made.meta["one-time-link"].replace(/^https?:\/\/[^/]+/, origin));
  assert.equal(new URL(desktop.url()).search, "", "the code leaves the address");
  assert.equal(await title(desktop), "Let us get to know you");
  await show(desktop, "start");
  await desktop.locator("main form button").click();
  await desktop.locator(".faults").waitFor();
  assert.ok(await desktop.evaluate(() => document.activeElement.classList.contains("faults")), "faults have the focus");
  assert.equal(await desktop.locator("[aria-invalid=true]").count(), 4);
  await show(desktop, "faults");
  // With the keyboard alone: a fault leads to its input, and Tab to the next ones.
  await desktop.keyboard.press("Tab");
  await desktop.keyboard.press("Enter");
  await desktop.keyboard.type("Anna");
  await desktop.keyboard.press("Tab");
  await desktop.keyboard.type("Eriksson");
  await desktop.fill("#in-birthdate", "1974-08-12");
  await desktop.fill("#in-email-address", "anna@example.com");
  const seen = letters.length;
  await desktop.locator("#in-email-address").press("Enter");
  await desktop.locator("#in-code").waitFor();
  await show(desktop, "code");
  const code = await codeAfter(seen);

  const phone = await open(390, 844, { hasTouch: true, isMobile: true, deviceScaleFactor: 2 });
  await phone.goto(`${origin}/verify?inquiry-id=${inquiry}`);
  assert.equal(await title(phone), "Your session has expired");
  assert.ok(!(await phone.content()).includes("anna@example.com"), "nothing is told without a session");
  await show(phone, "no-session");
  const { meta } = await api("POST", `/inquiries/${inquiry}/resume`);
  await phone.goto(`${origin}/verify?inquiry_id=${inquiry}&session_token=${meta["session-token"]}`);
  assert.equal(new URL(phone.url()).search, "", "the token leaves the address");
  await phone.locator("#in-code").waitFor();
  await phone.fill("#in-code", code === "000000" ? "000001" : "000000");
  await phone.locator("main form button").first().click();
  await phone.locator("#in-code-fault").waitFor();
  await show(phone, "code-wrong");
  await phone.fill("#in-code", code);
  await next(phone, "Show where you live");
  await phone.setInputFiles("#in-file-1", { name: "bill.txt", mimeType: "text/plain", buffer: Buffer.from("not a bill") });
  await phone.locator("main form button").first().click();
  await phone.locator("#in-file-1-fault").waitFor();
  await phone.setInputFiles("#in-file-1", { name: "bill.pdf", mimeType: "application/pdf", buffer: PDF });
  await phone.setInputFiles("#in-file-2", { name: "photo.png", mimeType: "image/png", buffer: PNG });
  await show(phone, "document");
  await next(phone, "Show your government ID");
  await phone.check("#in-class");
  await phone.setInputFiles("#in-front", { name: "front.png", mimeType: "image/png", buffer: PNG });
  await phone.fill("#in-mrz", passport("ERIKSSON", "ANNA", "740812", "330415").join("\n"));
  await show(phone, "government-id");
  await next(phone, "Thank you");
  await show(phone, "end");
  await phone.locator("a.button").click();
  await phone.waitForURL(/127\.0\.0\.1.*done/);
  const { searchParams } = visits.find((visit) => visit.pathname === "/done");
  assert.deepEqual(Object.fromEntries(searchParams), {
    cart: "7", "inquiry-id": inquiry, status: "completed", "reference-id": "browser-1",
  });

  const { data } = await api("GET", `/inquiries/${inquiry}`);
  assert.equal(data.attributes.status, "completed");
  assert.equal(data.attributes.fields["name-first"].value, "Anna");
  assert.equal(data.relationships.verifications.data.length, 3);
  const account = await api("GET", `/accounts/${data.relationships.account.data.id}`);
  assert.equal(account.data.attributes["name-last"] ?? account.data.attributes.fields.name.value.last.value, "Eriksson");
  await desktop.reload();
  assert.equal(await title(desktop), "Thank you", "the first browser is at the end, too");
}

/** In French, without scripts, with outcomes made up; and what is shown in the dark. */
async function withoutScripts() {
  const tab = await open(390, 844, { javaScriptEnabled: false, locale: "fr-FR" });
  await tab.goto(`${origin}/verify?inquiry-template-id=${template}&environment=sandbox&fields[name-first]=Zo%C3%A9`);
  assert.equal(await title(tab), "Faisons connaissance");
  assert.equal(await tab.inputValue("#in-name-first"), "Zoé");
  await tab.fill("#in-name-last", "Sample");
  await tab.fill("#in-birthdate", "1990-01-31");
  await tab.fill("#in-email-address", "zoe@example.com");
  await tab.click("main form button");
  assert.equal(await title(tab), "Entrez le code");
  await show(tab, "sans-script");
  await tab.selectOption("#language", "en");
  await tab.click(".languages button");
  assert.equal(await title(tab), "Enter the code");
  for (const wanted of ["Show where you live", "Show your government ID", "That did not work"]) {
    await tab.click(wanted === "That did not work" ? "button[value=failed]" : "button[value=passed]");
    assert.equal(await title(tab), wanted);
  }
  await show(tab, "again");
  await tab.click("footer a");
  assert.equal(await title(tab), "Leave for now?");
  await show(tab, "leave");
  await tab.click("main form button");
  assert.equal(await title(tab), "See you later");
  await tab.click("a.button");
  assert.equal(await title(tab), "That did not work", "whoever comes back is where they were");

  const dark = await open(1280, 900, { colorScheme: "dark" });
  await dark.goto(`${origin}/verify?inquiry-template-id=${template}&environment=sandbox`);
  await show(dark, "dark");
}

try {
  await new Promise((ready) => sink.listen(Number(smtpPort), "127.0.0.1", ready));
  await new Promise((ready) => shop.listen(0, "127.0.0.1", ready));
  await walk();
  await withoutScripts();
  assert.deepEqual(troubles, [], "nothing is refused by the policy of the pages");
  console.log("hosted pages: fine");
} finally {
  await browser.close();
  sink.close();
  shop.close();
}
