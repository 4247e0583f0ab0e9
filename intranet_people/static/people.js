// Loads htmx where the page has none, and rests while nobody looks.
(() => {
  "use strict";
  const { dataset: { htmx }, nonce } = document.currentScript;

  document.addEventListener("DOMContentLoaded", () => {
    // The host's own htmx, 2 or 4, is used: two of them would send every form twice.
    if (window.htmx) return setTimeout(catchUp);
    const script = document.createElement("script");
    script.src = htmx;
    script.nonce = nonce;
    script.addEventListener("load", () => setTimeout(catchUp));
    document.head.append(script);
  });

  // What was typed before htmx could hear it.
  function catchUp() {
    for (const box of document.querySelectorAll("input[type=search][hx-get]")) {
      if (box.value !== box.defaultValue) box.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }

  // htmx 4 and htmx 2 name the event differently.
  for (const event of ["htmx:before:request", "htmx:beforeRequest"]) {
    document.addEventListener(event, (e) => {
      if (document.hidden && e.target.matches?.("[data-ip-poll]")) e.preventDefault();
    });
  }
  // A request that got no answer at all: said where it is heard, gone with the next that does.
  const say = (name) => {
    const status = document.getElementById("ip-status");
    if (status) status.textContent = name ? status.dataset[name] : "";
  };
  for (const event of ["htmx:error", "htmx:sendError"]) {
    document.addEventListener(event, (e) => e.target.closest?.("[hx-disinherit]") && say("offline"));
  }
  for (const event of ["htmx:after:swap", "htmx:afterSwap"]) {
    document.addEventListener(event, () => say(""));
  }

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    for (const element of document.querySelectorAll("[data-ip-poll]")) {
      element.dispatchEvent(new CustomEvent("ip-wake"));
    }
  });
})();
