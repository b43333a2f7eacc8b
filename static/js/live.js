// Live updates. A socket brings hints ("case:12 is at version 4"), the page fetches what changed over HTTP.
// Without this file, or without a socket, pages work as before.
//
//   <body data-live="case:12@3 user:5@1767225600000">        topics of the page as a whole: <main id="…"> is fetched again
//   <section id="status" data-live-topic="case:12" data-live-version="3" data-live-url="/cases/…/status/">
//
// A case counts its versions; the version of any other topic is the time at which the page was made, in milliseconds.
// data-live-url may give the region alone, its content, or a whole page; without it the page itself is fetched.
(() => {
  "use strict";

  const TEXTS = {
    zh: {
      updated: "内容已更新。",
      offer: "有更新，点这里查看",
      stale: "这个页面有更新",
      lost: "连接已断开，正在重连",
      polling: "实时连接不可用，每 30 秒更新一次",
      signedOut: "登录已失效，请刷新页面重新登录",
      gone: "部分内容您已无权查看，请刷新页面",
      reload: "刷新页面",
    },
    en: {
      updated: "The content has been updated.",
      offer: "There is something new: show it",
      stale: "There is something new on this page",
      lost: "Connection lost, reconnecting",
      polling: "No live connection: updating every 30 seconds",
      signedOut: "You are signed out: reload the page to sign in again",
      gone: "You may no longer see some of this: reload the page",
      reload: "Reload the page",
    },
  };
  const text = TEXTS[document.documentElement.lang.startsWith("en") ? "en" : "zh"];
  const POLL_EVERY = 30_000;
  const SHOW_LOST_AFTER = 3_000;
  const FINAL = new Set([4401, 4403, 4429]);

  // --- what this page follows ------------------------------------------------------------------

  const page = new Map(); // topics of the page as a whole → version

  const regions = (topic) =>
    [...document.querySelectorAll("[data-live-topic]")].filter((r) => !topic || r.dataset.liveTopic === topic);
  const versionOf = (region) => Number(region.dataset.liveVersion) || 0;

  function readPage() {
    for (const entry of (document.body.dataset.live || "").split(/\s+/).filter(Boolean)) {
      const [topic, version] = entry.split("@");
      if (!page.has(topic)) page.set(topic, Number(version) || 0);
    }
  }

  function followed() {
    const topics = new Map(page);
    for (const region of regions()) {
      const { liveTopic: topic } = region.dataset;
      topics.set(topic, Math.min(versionOf(region), topics.get(topic) ?? Infinity));
    }
    return topics;
  }

  // --- the socket ------------------------------------------------------------------------------

  let socket = null;
  let failures = 0;
  let retry = 0;
  let ended = false;
  const joined = new Set();

  const isOpen = () => socket?.readyState === WebSocket.OPEN;

  function connect() {
    clearTimeout(retry);
    if (ended || !followed().size || (socket && socket.readyState <= WebSocket.OPEN)) return;
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    let opened;
    try {
      opened = socket = new WebSocket(`${scheme}://${location.host}/ws/live/`);
    } catch {
      return lost({ code: 0 });
    }
    opened.onopen = () => {
      failures = 0;
      joined.clear();
      join();
      showState("");
    };
    opened.onmessage = ({ data }) => receive(JSON.parse(data));
    opened.onclose = (event) => opened === socket && lost(event);
  }

  function lost({ code }) {
    socket = null;
    ended = FINAL.has(code);
    if (code === 4401) return showState(text.signedOut, true);
    if (code === 4403) return showState(text.gone, true);
    if (ended) return;
    const pause = Math.min(30_000, 500 * 2 ** failures++) * (0.5 + Math.random());
    retry = setTimeout(connect, pause);
    setTimeout(() => isOpen() || ended || showState(text.lost), SHOW_LOST_AFTER);
  }

  function join({ again = true } = {}) {
    const wanted = [...followed()].filter(([topic]) => again || !joined.has(topic));
    if (!isOpen() || !wanted.length) return;
    wanted.forEach(([topic]) => joined.add(topic));
    socket.send(JSON.stringify({ join: wanted.slice(0, 20).map(([topic, version]) => ({ topic, version })) }));
  }

  function receive(message) {
    if (message.topic) hint(message.topic, message.version);
    else if (message.resync) setTimeout(join, Math.random() * 2_000);
    else if (message.dropped) showState(text.gone, true);
  }

  function wakeUp() {
    if (document.visibilityState !== "visible" || isOpen()) return;
    failures = 0;
    connect();
    poll();
  }

  async function poll() {
    const topics = followed();
    if (isOpen() || ended || !topics.size || document.visibilityState !== "visible") return;
    const query = new URLSearchParams([...topics.keys()].slice(0, 20).map((topic) => ["topic", topic]));
    try {
      const response = await fetch(`/live/versions/?${query}`, { cache: "no-store" });
      if (!response.ok) return;
      for (const [topic, version] of Object.entries(await response.json())) {
        if (version > topics.get(topic)) hint(topic, version);
      }
      if (failures > 3) showState(text.polling);
    } catch {
      // no network: the socket's state says so already
    }
  }

  // --- fetching what changed -------------------------------------------------------------------

  const waiting = new Map(); // address → regions to be filled from it, each with the version it should reach
  const fetching = new Set(); // addresses on their way: an answer may be older than what is heard meanwhile

  function hint(topic, version) {
    const touched = regions(topic);
    if (page.has(topic) && version > page.get(topic)) {
      // A page that did not say its version learns it from the first hint, which comes at once.
      if (!touched.length && page.get(topic)) refreshPage(version);
      page.set(topic, version);
    }
    touched.filter((region) => version >= versionOf(region)).forEach((region) => refresh(region, version));
  }

  // News that no region shows: the whole of the page's content is fetched again.
  function refreshPage(version) {
    const main = document.querySelector("main[id]");
    if (main) refresh(main, version);
    else showState(text.stale, true);
  }

  function refresh(region, version) {
    const address = new URL(region.dataset.liveUrl || location.href, location.href);
    address.hash = "";
    if (address.origin !== location.origin) return;
    want(address.href, region, version);
    if (!fetching.has(address.href)) schedule(address.href);
  }

  function want(address, region, version) {
    const known = waiting.get(address);
    if (known) known.set(region, Math.max(version, known.get(region) ?? 0));
    else waiting.set(address, new Map([[region, version]]));
  }

  function schedule(address) {
    fetching.add(address);
    setTimeout(fill, 50 + Math.random() * 250, address); // not everybody in the same instant
  }

  async function fill(address, attempt = 1) {
    const targets = waiting.get(address);
    waiting.delete(address);
    const { status, markup } = await answerOf(address);
    if (status >= 500 && attempt < 5) {
      for (const [region, version] of targets) want(address, region, version);
      return setTimeout(fill, 1_000 * 2 ** attempt, address, attempt + 1);
    }
    if (markup) {
      for (const [region, version] of targets) put(region, markup, version);
    } else if (status < 500) {
      showState([...targets.keys()].some((r) => r.dataset.liveTopic) ? text.gone : text.stale, true);
    }
    fetching.delete(address);
    if (waiting.has(address)) schedule(address);
  }

  // The page at an address, nothing of one that is refused or leads elsewhere; a lost line counts as a fault.
  async function answerOf(address) {
    try {
      const response = await fetch(address, { cache: "no-store", headers: { "X-Live": "1", Accept: "text/html" } });
      const body = await response.text();
      const shown = response.ok && !response.redirected;
      return { status: response.status, markup: shown && new DOMParser().parseFromString(body, "text/html") };
    } catch {
      return { status: 503, markup: null };
    }
  }

  function put(region, markup, version) {
    const place = standing(region);
    if (!place || (place !== region && versionOf(place) >= version)) return;
    offerOrSwap(place, pick(markup, place, version));
  }

  // The region, or what stands in its place since it was filled or its form was sent.
  function standing(region) {
    if (region.isConnected) return region;
    if (region.id) return document.getElementById(region.id);
    return regions(region.dataset.liveTopic).find((r) => r.dataset.liveUrl === region.dataset.liveUrl);
  }

  function pick(markup, region, version) {
    let fresh = region.id && markup.getElementById(region.id);
    if (!fresh) fresh = [...markup.querySelectorAll("[data-live-topic]")].find((r) => r.dataset.liveTopic === region.dataset.liveTopic);
    if (!fresh) {
      fresh = region.cloneNode(false);
      fresh.append(...markup.body.cloneNode(true).childNodes);
    }
    fresh = document.importNode(fresh, true);
    fresh.dataset.liveVersion = Math.max(versionOf(fresh), version);
    return fresh;
  }

  function offerOrSwap(region, fresh) {
    if (essence(region) === essence(fresh)) region.dataset.liveVersion = fresh.dataset.liveVersion;
    else if (isBusy(region)) offer(region, fresh);
    else swap(region, fresh);
  }

  // What a person would notice: not the version, not the token of a form.
  function essence(region) {
    const copy = region.cloneNode(true);
    copy.removeAttribute("data-live-version");
    copy.removeAttribute("tabindex");
    copy.querySelectorAll("[name=csrfmiddlewaretoken]").forEach((field) => field.remove());
    return copy.outerHTML.replace(/\s+/g, " ");
  }

  // --- never disturbing somebody who is typing -------------------------------------------------------

  const FIELDS = "input:not([type=hidden]):not([type=submit]):not([type=button]), textarea, select";

  function isChanged(field) {
    if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
    if (field.type === "file") return field.files.length > 0;
    if (!field.options) return field.value !== field.defaultValue;
    const initial = [...field.options].filter((option) => option.defaultSelected);
    if (!initial.length && !field.multiple) return field.selectedIndex > 0;
    return [...field.options].some((option) => option.selected !== option.defaultSelected);
  }

  const isBusy = (region) =>
    (region.contains(document.activeElement) && document.activeElement.matches(`${FIELDS}, [contenteditable]`)) ||
    [...region.querySelectorAll(FIELDS)].some(isChanged) ||
    region.querySelector("dialog[open]") !== null;

  function offer(region, fresh) {
    region.liveFresh = fresh;
    if (region.liveOffer?.isConnected) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button button--small live-offer";
    button.textContent = text.offer;
    button.addEventListener("click", () => {
      button.remove();
      keepTyped(region, region.liveFresh);
      focusOn(swap(region, region.liveFresh));
    });
    region.liveOffer = button;
    region.before(button);
    say(text.offer);
  }

  // Move the fields that somebody has changed into the new content.
  function keepTyped(region, fresh) {
    for (const field of [...region.querySelectorAll(FIELDS)].filter(isChanged)) {
      const sameValue = /^(checkbox|radio)$/.test(field.type) ? `[value="${CSS.escape(field.value)}"]` : "";
      const place = field.name && fresh.querySelector(`[name="${CSS.escape(field.name)}"]${sameValue}`);
      if (place) place.replaceWith(field);
    }
  }

  function swap(region, fresh) {
    const active = region.contains(document.activeElement) ? document.activeElement : null;
    const open = [...region.querySelectorAll("details[open] > summary")].map((summary) => summary.textContent);
    for (const summary of fresh.querySelectorAll("details > summary")) {
      if (open.includes(summary.textContent)) summary.parentElement.open = true;
    }
    region.liveOffer?.remove();
    region.replaceWith(fresh);
    window.htmx?.process(fresh);
    if (active) focusOn(counterpart(active, fresh) || fresh);
    const sentence = fresh.dataset.liveSays ?? text.updated; // an empty one: nothing worth saying
    if (sentence) say(sentence);
    fresh.dispatchEvent(new CustomEvent("live:updated", { bubbles: true }));
    return fresh;
  }

  function focusOn(element) {
    if (element.tabIndex < 0) element.tabIndex = -1;
    element.focus({ preventScroll: true });
  }

  function counterpart(element, fresh) {
    if (element.id) return fresh.querySelector(`#${CSS.escape(element.id)}`);
    return [...fresh.querySelectorAll(element.tagName)].find((e) => e.textContent === element.textContent);
  }

  // --- telling people ------------------------------------------------------------------------------

  function place(name, className, parent) {
    let element = document.querySelector(`[data-live-place="${name}"]`);
    if (!element) {
      element = document.createElement("div");
      element.className = className;
      element.dataset.livePlace = name;
      if (parent === document.body) element.setAttribute("role", "status");
      parent.append(element);
    }
    return element;
  }

  const announcer = () => place("announcer", "visually-hidden", document.body);
  const stateLine = () => place("state", "toast live-state", document.getElementById("toasts") || document.body);

  function say(sentence) {
    announcer().textContent = "";
    setTimeout(() => (announcer().textContent = sentence), 50);
  }

  function showState(sentence, withReload = false) {
    if (!sentence && !document.querySelector('[data-live-place="state"]')) return;
    const state = stateLine();
    state.hidden = !sentence;
    if (state.firstChild?.textContent === sentence) return;
    state.textContent = sentence;
    if (!withReload) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button button--small";
    button.textContent = text.reload;
    button.addEventListener("click", () => location.assign(location.pathname + location.search));
    state.append(" ", button);
  }

  // --- beginning -----------------------------------------------------------------------------------

  function lookAgain() {
    readPage();
    connect();
    join({ again: false });
  }

  readPage();
  announcer();
  connect();
  setInterval(poll, POLL_EVERY);
  addEventListener("online", wakeUp);
  addEventListener("pageshow", ({ persisted }) => persisted && wakeUp());
  addEventListener("pagehide", () => socket?.close());
  document.addEventListener("visibilitychange", wakeUp);
  for (const event of ["htmx:after:swap", "htmx:afterSwap"]) document.addEventListener(event, lookAgain);
})();
