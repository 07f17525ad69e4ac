// What HTML alone cannot do: slider beside number field, announcements, focus after swaps, session warning.
"use strict";

const byId = (id) => document.getElementById(id);
const NARROW = "(max-width: 47.99rem)";
const WARN_SECONDS = 300;

// --- menu: open without JavaScript and on wide screens, folded on narrow ones -------------------------------------

const menu = document.querySelector(".app-menu");
if (menu) {
  const narrow = window.matchMedia(NARROW);
  const fold = () => { menu.open = !narrow.matches; };
  fold();
  narrow.addEventListener("change", fold);
}

// --- sliders ----------------------------------------------------------------------------------------------------

// German number as the browser's slider wants it: 1.480,5 -> 1480.5; null if it is none.
const toPlain = (text) => {
  const plain = text.trim().replace(/[\s.]/g, "").replace("\u2212", "-").replace(",", ".");
  return plain !== "" && Number.isFinite(Number(plain)) ? plain : null;
};

const showOnSlider = (slider, field) => {
  const plain = toPlain(field.value);
  if (plain !== null && document.activeElement !== slider) slider.value = plain;
  slider.setAttribute("aria-valuetext", [field.value, field.parentElement.querySelector(".app-range__unit")?.textContent]
    .filter(Boolean).join(" "));
};

const pairSliders = (root) => {
  for (const slider of root.querySelectorAll("input[type=range][data-pair]")) {
    const field = byId(slider.dataset.pair);
    if (!field) continue;
    slider.hidden = false;
    showOnSlider(slider, field);
  }
};

document.addEventListener("input", (event) => {
  const control = event.target;
  if (control.matches("input[type=range][data-pair]")) {
    const field = byId(control.dataset.pair);
    field.value = control.value.replace(".", ",");
    showOnSlider(control, field);
    // The named field is what forms and htmx know; it takes part as if it had been typed into.
    field.dispatchEvent(new Event("input", { bubbles: true }));
  } else if (control.id) {
    const slider = document.querySelector(`input[type=range][data-pair="${CSS.escape(control.id)}"]`);
    if (slider) showOnSlider(slider, control);
  }
});

document.addEventListener("change", (event) => {
  if (event.target.matches("input[type=range][data-pair]")) {
    byId(event.target.dataset.pair).dispatchEvent(new Event("change", { bubbles: true }));
  }
});

// --- announcements and focus --------------------------------------------------------------------------------------

const announce = (sentence) => { byId("status").textContent = sentence; };

const showProblem = (sentence) => {
  const box = byId("problem");
  box.replaceChildren();
  if (!sentence) return;
  const text = document.createElement("p");
  text.textContent = sentence;
  box.append(text);
};

const focusMarked = (root) => {
  const marked = root.querySelector("[data-focus]");
  if (marked) marked.focus();
  return Boolean(marked);
};

let focusedId = "";

document.addEventListener("htmx:before:swap", (event) => {
  const answer = event.detail.ctx.response?.raw;
  // A fragment that was redirected ends at the sign-in page: go there as a whole page.
  if (answer?.redirected) {
    event.preventDefault();
    window.location.assign(answer.url);
    return;
  }
  focusedId = document.activeElement?.id ?? "";
});

document.addEventListener("htmx:after:swap", (event) => {
  const target = event.detail.ctx.target;
  const root = target instanceof Element && target.isConnected ? target : document;
  pairSliders(document);
  const focusLost = !document.activeElement || document.activeElement === document.body;
  if (!focusMarked(root) && focusLost && focusedId) byId(focusedId)?.focus();
  const sentence = root.querySelector("[data-announce]")?.dataset.announce
    ?? (root.matches?.("[data-announce]") ? root.dataset.announce : "");
  if (sentence) announce(sentence);
});

document.addEventListener("htmx:after:request", (event) => {
  const status = event.detail.ctx.response.status;
  if (status < 400 || status === 422) showProblem("");
  restartSession();
});

document.addEventListener("htmx:response:error", (event) => {
  const status = event.detail.ctx.response.status;
  if (status === 422) return;
  showProblem(status === 403 || status === 404
    ? "Das dürfen Sie hier nicht, oder es ist nicht mehr da. Bitte laden Sie die Seite neu."
    : "Das hat nicht geklappt. Ihre Eingaben stehen noch da. Bitte versuchen Sie es noch einmal.");
});

document.addEventListener("htmx:error", () => {
  showProblem("Der Server ist nicht zu erreichen. Ihre Eingaben stehen noch da. Bitte versuchen Sie es noch einmal.");
});

// --- session ------------------------------------------------------------------------------------------------------

let sessionTimer = 0;

const warnOfSessionEnd = () => {
  byId("problem").replaceChildren(byId("session-warning").content.cloneNode(true));
};

function restartSession() {
  const seconds = Number(document.body.dataset.sessionSeconds);
  if (!seconds) return;
  window.clearTimeout(sessionTimer);
  sessionTimer = window.setTimeout(warnOfSessionEnd, Math.max(0, seconds - WARN_SECONDS) * 1000);
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-stay]");
  if (!button) return;
  // Not this page: a public one would answer without a session too.
  const answer = await fetch(button.dataset.stay);
  if (!answer.ok || answer.redirected) {
    showProblem("Sie sind schon abgemeldet. Bitte melden Sie sich neu an.");
    return;
  }
  showProblem("");
  announce("Sie bleiben angemeldet.");
  restartSession();
});

// --- links to copy: without JavaScript they lead to the address they would copy -------------------------------------

document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[data-copy]");
  if (!link || !navigator.clipboard) return;
  event.preventDefault();
  try {
    await navigator.clipboard.writeText(link.href);
    announce(link.dataset.copy);
    link.lastElementChild.textContent = link.dataset.copy;
  } catch {
    window.location.assign(link.href);
  }
});

// --- leaving the projector view: not while somebody types ---------------------------------------------------------

document.addEventListener("keydown", (event) => {
  const way = document.querySelector("a[data-escape]");
  if (event.key !== "Escape" || !way || event.defaultPrevented) return;
  if (document.activeElement?.matches("input:not([type=range]), select, textarea")) {
    document.activeElement.blur();
    return;
  }
  window.location.assign(way.href);
});

pairSliders(document);
focusMarked(document);
restartSession();
