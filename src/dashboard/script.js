// Optional: every page works without this script.
"use strict";

// The browser knows its time zone; the server does not.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone) {
  for (const field of document.querySelectorAll("input[data-zone]")) {
    field.value = zone;
  }
  for (const link of document.querySelectorAll("a[data-zone-link]")) {
    const address = new URL(link.href);
    address.searchParams.set("zone", zone);
    link.href = address;
  }
}

// Buttons that copy the text of an element. Hidden where the clipboard is unavailable.
for (const button of document.querySelectorAll("button[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    button.textContent = "Copied";
  });
}
