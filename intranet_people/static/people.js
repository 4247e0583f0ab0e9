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

  // The search box: what was there before typing comes back when it is empty again.
  let before = null;
  for (const event of ["htmx:before:swap", "htmx:beforeSwap"]) {
    document.addEventListener(event, (e) => {
      const box = document.querySelector("[data-home]");
      if (!box || box.defaultValue || e.detail.shouldSwap === false) return;
      const list = document.getElementById("ip-people");
      // htmx 4 says it of the box, htmx 2 of the list.
      if (e.target === box || e.target === list) before ??= { nodes: taken(list), url: location.href };
      // Who was followed among the results is not followed in what was there before.
      else if (before && list.contains(e.target)) before.nodes = null;
    });
  }
  for (const event of ["htmx:before:request", "htmx:beforeRequest"]) {
    document.addEventListener(event, (e) => {
      const box = e.target;
      if (!box.matches?.("[data-home]") || box.value.trim()) return;
      e.preventDefault();
      if (before || box.defaultValue) bringBack(box).catch(() => say("offline"));
    });
  }

  function taken(list) {
    const nodes = [...list.childNodes];
    list.replaceChildren();
    return nodes;
  }

  async function bringBack(box) {
    const url = before?.url ?? box.dataset.home;
    const nodes = before?.nodes ?? (await asked(url));
    if (box.value.trim()) return;
    const list = document.getElementById("ip-people");
    list.replaceChildren(...nodes);
    document.getElementById("ip-found").textContent = "";
    history.replaceState(history.state, "", url);
    box.defaultValue = "";
    before = null;
    window.htmx.process(list);
  }

  async function asked(url) {
    const html = await (await fetch(url)).text();
    const list = new DOMParser().parseFromString(html, "text/html").getElementById("ip-people");
    if (!list) location.assign(url);
    return taken(list);
  }

  document.addEventListener("keydown", (e) => {
    const box = document.querySelector("[data-home]");
    // Enter and Escape also end what an input method composes; Safari says that by 229.
    if (!box || e.ctrlKey || e.metaKey || e.altKey || e.isComposing || e.keyCode === 229) return;
    const links = [...document.querySelectorAll(".ip-people a.ip-name")];
    const at = links.indexOf(e.target);
    if (e.key === "/" && !e.target.matches("input, textarea, select") && !e.target.isContentEditable) {
      box.focus();
      box.select();
    } else if (e.target !== box && at < 0) return;
    else if (e.key === "ArrowDown") links[at + 1]?.focus();
    else if (e.key === "ArrowUp") (links[at - 1] ?? box).focus();
    else if (e.key === "Escape" && box.value) {
      box.value = "";
      box.dispatchEvent(new Event("input", { bubbles: true }));
      box.focus();
    } else if (e.key === "Enter" && at < 0 && isFound(box.value)) links[0]?.click();
    else return;
    e.preventDefault();
  });

  // Whether the list is what was found for these words.
  const isFound = (words) => document.querySelector(".ip-people")?.dataset.query === words;

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    for (const element of document.querySelectorAll("[data-ip-poll]")) {
      element.dispatchEvent(new CustomEvent("ip-wake"));
    }
  });

  // A line: Ctrl+Enter sends it, Esc closes it, and of several untouched ones only one is open.
  document.addEventListener("keydown", (e) => {
    if (!e.target.matches?.("textarea[name=line]")) return;
    const send = e.key === "Enter" && (e.ctrlKey || e.metaKey);
    if (send) e.target.form.requestSubmit();
    if (e.key === "Escape") e.target.form.querySelector("[data-ip-close]")?.click();
  });
  function closeOthers() {
    for (const line of document.querySelectorAll(".ip-greeting textarea[name=line]")) {
      const isLeft = line !== document.activeElement && line.value === line.defaultValue;
      if (isLeft) line.form.querySelector("[data-ip-close]")?.click();
    }
  }

  // News that the badge brings: the greetings it is about are shown anew, never an open one.
  const isOpen = (row) => row.querySelector("textarea") !== null;
  async function renew(element, url) {
    const answer = await fetch(url, { headers: { "HX-Request": "true" } });
    if (!element.isConnected || isOpen(element)) return;
    const fresh = document.createRange().createContextualFragment(answer.ok ? await answer.text() : "");
    const added = [...fresh.children];
    element.replaceWith(fresh);
    for (const one of added) window.htmx?.process(one);
  }
  async function showNews(ids) {
    const news = document.getElementById("ip-news");
    if (news) await renew(news, news.dataset.ipRow);
    const shown = new Set();
    for (const row of document.querySelectorAll(".ip-greeting")) {
      const { state } = row.dataset;
      const url = row.dataset.ipRow ?? row.querySelector(".ip-edit")?.getAttribute("hx-get").replace("&edit", "");
      const isNew = ids.includes(row.id.split("-hi-")[1]);
      if (shown.has(row.id) && !isOpen(row)) row.closest("li").remove();
      else if (!isOpen(row) && (isNew ? !/received|answered/.test(state) : state === "received")) renew(row, url);
      shown.add(row.id);
    }
  }
  let known = document.getElementById("ip-badge")?.getAttribute("hx-get");
  for (const event of ["htmx:after:swap", "htmx:afterSwap"]) {
    document.addEventListener(event, () => {
      closeOthers();
      const badge = document.getElementById("ip-badge");
      if (!badge || badge.getAttribute("hx-get") === known) return;
      known = badge.getAttribute("hx-get");
      showNews(badge.dataset.ipNews.split(" "));
    });
  }
})();
