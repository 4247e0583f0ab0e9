// Loads htmx where the page has none, and rests while nobody looks.
(() => {
  "use strict";
  const htmx = document.currentScript.dataset.htmx;

  document.addEventListener("DOMContentLoaded", () => {
    // The host's own htmx, 2 or 4, is used: two of them would send every form twice.
    if (window.htmx) return setTimeout(catchUp);
    const script = document.createElement("script");
    script.src = htmx;
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
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    for (const element of document.querySelectorAll("[data-ip-poll]")) {
      element.dispatchEvent(new CustomEvent("ip-wake"));
    }
  });
})();
