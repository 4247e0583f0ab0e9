// Loads htmx where the page has none; says where one pressed what went wrong; keeps what was written.
(() => {
  "use strict";
  const { dataset: { htmx }, nonce } = document.currentScript;

  document.addEventListener("DOMContentLoaded", () => {
    showKept();
    showCurrentTab();
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
    openKept();
  }

  // htmx 4 and htmx 2 name their events differently.
  const on = (names, hear) => names.forEach((name) => document.addEventListener(name, hear));
  const pageOf = (element) => element.closest?.("[data-ip-viewer]");
  const sourceOf = (e) => e.detail?.ctx?.sourceElement ?? e.detail?.elt ?? e.target;
  // The badge asks again by itself, and says nothing of it.
  const isOurs = (element) => pageOf(element) && !element.matches("[data-ip-poll]");

  /* Polls rest while nobody looks */

  on(["htmx:before:request", "htmx:beforeRequest"], (e) => {
    if (document.hidden && e.target.matches?.("[data-ip-poll]")) e.preventDefault();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    for (const element of document.querySelectorAll("[data-ip-poll]")) {
      element.dispatchEvent(new CustomEvent("ip-wake"));
    }
  });

  /* A request under way: not twice */

  const buttons = new WeakMap(); // by form, the one that was pressed last
  const buttonOf = (element) => (element.matches("button") ? element : buttons.get(element));
  const stop = (e) => { e.preventDefault(); e.stopImmediatePropagation(); };

  const isForm = (form) => form.closest(".ip-page, .ip-top, [data-ip-viewer]") && form.method === "post";
  document.addEventListener("submit", (e) => {
    const form = e.target;
    if (!isForm(form)) return;
    if (form.matches(".htmx-request, [data-ip-sent]")) return stop(e);
    buttons.set(form, e.submitter);
    if (form.action.endsWith("/sign-out")) forgetLines();
  }, true);
  // Of those that load a page; one that the browser gives up may be sent again.
  document.addEventListener("submit", (e) => {
    const form = e.target;
    if (e.defaultPrevented || !isForm(form)) return;
    form.setAttribute("data-ip-sent", "");
    setTimeout(() => form.removeAttribute("data-ip-sent"), 5000);
  });
  document.addEventListener("click", (e) => {
    if (e.target.closest?.("a.htmx-request, button.htmx-request") && isOurs(e.target)) stop(e);
  }, true);
  window.addEventListener("pageshow", () => {
    document.querySelectorAll("[data-ip-sent]").forEach((form) => form.removeAttribute("data-ip-sent"));
  });

  on(["htmx:before:request", "htmx:beforeRequest"], (e) => {
    const element = sourceOf(e);
    if (!isOurs(element)) return;
    noteIn(placeOf(element))?.remove();
    keepLine(element);
    setTimeout(() => {
      if (element.matches(".htmx-request")) buttonOf(element)?.setAttribute("aria-disabled", "true");
    }, 300);
  });

  /* No answer, or one that is not for the page: said where one pressed */

  on(["htmx:error", "htmx:sendError", "htmx:timeout"], (e) => {
    const element = sourceOf(e);
    const isAnswered = e.type === "htmx:error" && (!e.detail.ctx || e.detail.ctx.response);
    if (isAnswered || !isOurs(element)) return;
    const texts = pageOf(element).dataset;
    const unsent = element.matches("form, button") ? ` ${texts.ipUnsent}` : "";
    fail(element, navigator.onLine ? texts.ipNoAnswer : texts.ipOffline + unsent, true);
  });

  // htmx 4 would put any answer into the page, htmx 2 none that is an error.
  document.addEventListener("htmx:before:response", (e) => {
    const { status, headers, raw } = e.detail.ctx.response;
    if (!answered(sourceOf(e), status, headers.get("HX-Reswap"), () => raw.text())) e.preventDefault();
  });
  document.addEventListener("htmx:beforeSwap", (e) => {
    const { xhr } = e.detail;
    const element = e.detail.requestConfig?.elt ?? e.target;
    if (!isOurs(element)) return;
    const reswap = xhr.getResponseHeader("HX-Reswap");
    const isShown = answered(element, xhr.status, reswap, async () => xhr.responseText);
    if (!isShown || xhr.status >= 400) e.detail.shouldSwap = isShown;
  });

  // Whether the answer takes its place in the page.
  function answered(element, status, reswap, text) {
    if (!isOurs(element) || status === 401) return true;
    buttonOf(element)?.removeAttribute("aria-disabled");
    const isToRepeat = status === 429 || status >= 500;
    if (!isToRepeat && reswap !== "none") {
      forgetLine(element);
      return true;
    }
    text().then((html) => {
      const said = reswap && new DOMParser().parseFromString(html, "text/html").querySelector(".ip-empty");
      fail(element, said || pageOf(element).dataset.ipNoAnswer, isToRepeat);
    });
    return false;
  }

  function fail(element, said, isToRepeat) {
    const { ipAgain } = pageOf(element).dataset;
    buttonOf(element)?.removeAttribute("aria-disabled");
    const place = placeOf(element);
    noteIn(place)?.remove();
    const note = document.createElement("div");
    note.className = place ? "ip-failed" : "ip-failed ip-bar";
    note.role = "alert";
    note.append(...(said.childNodes?.length ? said.childNodes : [said]));
    if (isToRepeat && element.matches("form, a, button")) note.append(" ", again(ipAgain, element));
    (place ?? document.body).append(note);
  }

  function again(text, element) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "ip-link";
    button.textContent = text;
    button.addEventListener("click", () => {
      const pressed = buttons.get(element);
      (pressed ?? element).focus();
      if (element.matches("form")) element.requestSubmit(pressed);
      else element.click();
    });
    return button;
  }

  // The row or fragment that stays around what was pressed; none: a bar at the foot of the page.
  function placeOf(element) {
    const target = element.getAttribute("hx-target") ?? "";
    return element.closest(".ip-greeting, .ip-row, .ip-more, .ip-search")
      ?? (target.startsWith("closest ") ? element.closest(target.slice(8)) : null);
  }

  function noteIn(place) {
    return place ? place.querySelector(":scope > .ip-failed") : document.querySelector(".ip-bar");
  }

  /* A line that was written survives the end of a session, for the same person in the same tab */

  const LINE = "ip-line ";
  const keyOf = (form) => `${LINE}${pageOf(form).dataset.ipViewer} ${form.getAttribute("action")}`;
  const kept = () => {
    try { return Object.keys(sessionStorage).filter((key) => key.startsWith(LINE)); } catch { return []; }
  };

  function keepLine(form) {
    const box = form.querySelector("textarea[name=line]");
    if (!box || box.value === box.defaultValue) return;
    try { sessionStorage.setItem(keyOf(form), box.value); } catch { /* the browser keeps nothing */ }
  }

  const forgetLine = (form) => forgetLines((key) => key === keyOf(form));

  function forgetLines(isForgotten = () => true) {
    kept().filter(isForgotten).forEach((key) => sessionStorage.removeItem(key));
  }

  function showKept() {
    const viewer = document.querySelector("[data-ip-viewer]")?.dataset.ipViewer;
    if (viewer) forgetLines((key) => !key.startsWith(`${LINE}${viewer} `));
    const keys = kept();
    const note = document.getElementById("ip-kept");
    if (note) note.hidden = !keys.length;
    if (!keys.length) return;
    for (const box of document.querySelectorAll("[data-ip-viewer] textarea[name=line]")) {
      const line = box.form && box.value === box.defaultValue && sessionStorage.getItem(keyOf(box.form));
      if (!line) continue;
      box.value = line;
      const folded = box.closest("details");
      if (folded) folded.open = true;
    }
  }
  on(["htmx:after:swap", "htmx:afterSwap"], showKept);

  function openKept() {
    for (const key of kept()) {
      const action = key.slice(key.lastIndexOf(" ") + 1).replace(/\/reply$/, "");
      document.querySelector(`.ip-edit[href^="${CSS.escape(action)}?"]`)?.click();
    }
  }

  /* The search box: what was there before typing comes back when it is empty again */

  let before = null;
  on(["htmx:before:swap", "htmx:beforeSwap"], (e) => {
    const box = document.querySelector("[data-home]");
    if (!box || box.defaultValue || e.detail.shouldSwap === false) return;
    const list = document.getElementById("ip-people");
    // htmx 4 says it of the box, htmx 2 of the list.
    if (e.target === box || e.target === list) before ??= { nodes: taken(list), url: location.href };
    // Who was followed among the results is not followed in what was there before.
    else if (before && list.contains(e.target)) before.nodes = null;
  });
  on(["htmx:before:request", "htmx:beforeRequest"], (e) => {
    const box = e.target;
    if (!box.matches?.("[data-home]") || box.value.trim()) return;
    e.preventDefault();
    if (before || box.defaultValue) bringBack(box).catch(() => fail(box, pageOf(box).dataset.ipNoAnswer));
  });

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

  /* A line: Ctrl+Enter sends it, Esc closes it, and of several untouched ones only one is open */

  document.addEventListener("keydown", (e) => {
    if (!e.target.matches?.("textarea[name=line]")) return;
    const send = e.key === "Enter" && (e.ctrlKey || e.metaKey);
    if (send) e.target.form.requestSubmit();
    if (e.key === "Escape") e.target.form.querySelector("[data-ip-close]")?.click();
  });
  document.addEventListener("click", (e) => {
    if (!e.target.closest?.(".ip-edit")) return;
    for (const line of document.querySelectorAll(".ip-greeting textarea[name=line]")) {
      if (line.value === line.defaultValue) line.form.querySelector("[data-ip-close]")?.click();
    }
  });

  /* News that the badge brings: the greetings it is about are shown anew, never an open one */

  const isOpen = (row) => row.querySelector("textarea") !== null;
  async function renew(element, url) {
    const answer = await fetch(url, { headers: { "HX-Request": "true" } }).catch(() => null);
    const isGone = answer?.status === 404;
    if (!(answer?.ok && !answer.redirected) && !isGone) return;
    if (!element.isConnected || isOpen(element)) return;
    const fresh = document.createRange().createContextualFragment(isGone ? "" : await answer.text());
    const added = [...fresh.children];
    element.replaceWith(fresh);
    for (const one of added) window.htmx?.process(one);
  }
  async function showNews(ids, before) {
    const news = document.getElementById("ip-news");
    // What I have answered stays in its place.
    if (news && ids.some((id) => !before.includes(id))) await renew(news, news.dataset.ipRow);
    const shown = new Set();
    for (const row of document.querySelectorAll(".ip-greeting[data-state]")) {
      const { state } = row.dataset;
      const url = row.dataset.ipRow ?? row.querySelector(".ip-edit")?.getAttribute("hx-get").replace("&edit", "");
      const isNew = ids.includes(row.id.split("-hi-")[1]);
      if (shown.has(row.id) && !isOpen(row)) row.closest("li")?.remove();
      else if (!isOpen(row) && (isNew ? !/received|answered/.test(state) : state === "received")) renew(row, url);
      shown.add(row.id);
    }
  }
  const newsOf = (badge) => badge?.dataset.ipNews.split(" ").filter(Boolean) ?? [];
  let known = document.getElementById("ip-badge")?.getAttribute("hx-get");
  let newsBefore = newsOf(document.getElementById("ip-badge"));
  on(["htmx:after:swap", "htmx:afterSwap"], () => {
    const badge = document.getElementById("ip-badge");
    if (!badge || badge.getAttribute("hx-get") === known) return;
    known = badge.getAttribute("hx-get");
    const ids = newsOf(badge);
    showNews(ids, newsBefore);
    newsBefore = ids;
  });

  /* Header */

  // Where the tabs are one line that scrolls.
  function showCurrentTab() {
    const tab = document.querySelector(".ip-top-inside .ip-tab[aria-current]");
    if (tab) tab.parentElement.scrollLeft = tab.offsetLeft - tab.parentElement.clientWidth / 2;
  }

  const closeMenus = (target) => {
    for (const menu of document.querySelectorAll(".ip-menu[open]")) {
      if (menu.contains(target)) continue;
      menu.open = false;
    }
  };
  on(["click", "focusin"], (e) => closeMenus(e.target));
  document.addEventListener("keydown", (e) => {
    const menu = e.key === "Escape" && document.querySelector(".ip-menu[open]");
    if (!menu) return;
    menu.querySelector("summary").focus();
    menu.open = false;
  });
})();
