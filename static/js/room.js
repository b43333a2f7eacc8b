// A room: sending without leaving the page, staying at the newest words, reading only while somebody looks.
// Without this file the room works as any form does.
(() => {
  "use strict";

  const byId = (id) => document.getElementById(id);
  const STREAM = "room-stream";
  let atEnd = true;

  const nearEnd = () => innerHeight + scrollY >= document.documentElement.scrollHeight - 160;
  const toEnd = () => scrollTo({ top: document.documentElement.scrollHeight });

  addEventListener("scroll", () => (atEnd = nearEnd()), { passive: true });
  document.addEventListener("live:updated", ({ target }) => {
    prepare();
    if (target.id === STREAM && atEnd) toEnd();
  });

  // What arrives counts as read only while the page is looked at.
  function prepare() {
    const looking = document.visibilityState === "visible";
    for (const region of document.querySelectorAll("#room [data-live-url]")) {
      region.dataset.liveUrl = looking ? "?fragment=1&seen=1" : "?fragment=1";
    }
  }
  document.addEventListener("visibilitychange", () => {
    prepare();
    if (document.visibilityState === "visible") fetch("?fragment=1&seen=1", { cache: "no-store" }).catch(() => {});
  });

  // --- sending --------------------------------------------------------------------------------------

  document.addEventListener("submit", (event) => {
    if (event.target.id !== "composer") return;
    event.preventDefault();
    send(event.target);
  });

  document.addEventListener("keydown", (event) => {
    const form = event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.closest("#composer");
    if (form) form.querySelector("button:not([type=button])").click();
  });

  document.addEventListener("change", ({ target }) => {
    if (target.type !== "file" || !target.closest("#composer")) return;
    target.closest("#composer").querySelector(".room__chosen").textContent = [...target.files].map((f) => f.name).join("、");
  });

  async function send(form) {
    if (form.dataset.busy) return;
    const field = form.querySelector("textarea");
    form.dataset.busy = "1";
    field.readOnly = true;
    say(form, form.dataset.sending);
    let fresh = null;
    try {
      const response = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { Accept: "text/html" } });
      if (response.status < 500) fresh = new DOMParser().parseFromString(await response.text(), "text/html");
    } catch {
      // no network: what was typed stays, the key stays, sending again sends once
    }
    delete form.dataset.busy;
    field.readOnly = false;
    if (!fresh?.getElementById("composer")) return say(form, form.dataset.failed);
    for (const id of [STREAM, "composer"]) {
      const [old, found] = [byId(id), fresh.getElementById(id)];
      if (old && found) old.replaceWith(document.importNode(found, true));
    }
    prepare();
    byId("composer").querySelector("textarea")?.focus({ preventScroll: true });
    toEnd();
  }

  function say(form, sentence) {
    const state = form.querySelector(".room__state");
    state.textContent = sentence;
    state.hidden = !sentence;
  }

  prepare();
  if (!location.search) toEnd();
})();
