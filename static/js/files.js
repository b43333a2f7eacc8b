// A picker tells what it does not take before anything is sent: too large, of another type, too much at once.
// Without this file the server says the same once everything has arrived.
(() => {
  "use strict";

  const MEGABYTE = 1024 * 1024;
  const inMegabytes = (bytes) => (bytes / MEGABYTE).toFixed(bytes < 10 * MEGABYTE ? 1 : 0);
  const fill = (sentence, file, size) => sentence.replace("{name}", file ? file.name : "").replace("{size}", inMegabytes(size));

  function suffixOf(file) {
    const name = file.name.toLowerCase();
    return name.includes(".") ? name.slice(name.lastIndexOf(".")) : "";
  }

  // A phone may give no type or no suffix: either is enough.
  function isOffered(input, file) {
    const offered = input.accept.toLowerCase().split(",");
    const suffix = suffixOf(file);
    if (!suffix && !file.type) return true;
    return offered.includes(suffix) || offered.includes(file.type.toLowerCase());
  }

  // What to do about it, where we know; else what is taken.
  function wrongType(input, file) {
    const reason = JSON.parse(input.dataset.instead)[suffixOf(file)];
    return fill(reason ? input.dataset.notChosen.replace("{reason}", reason) : input.dataset.wrongType, file, file.size);
  }

  function refusals(input) {
    const said = [];
    const good = [];
    let together = 0;
    for (const file of input.files) {
      if (file.size > Number(input.dataset.most)) said.push(fill(input.dataset.tooLarge, file, file.size));
      else if (!isOffered(input, file)) said.push(wrongType(input, file));
      else {
        together += file.size;
        good.push(file);
      }
    }
    if (together > Number(input.dataset.mostTogether)) {
      said.push(fill(input.dataset.together, null, together));
      good.length = 0;
    }
    return { said, good };
  }

  // Only what is taken stays chosen; where a browser cannot do that, nothing does.
  function choose(input, good) {
    try {
      const chosen = new DataTransfer();
      for (const file of good) chosen.items.add(file);
      input.files = chosen.files;
    } catch {
      input.value = "";
    }
  }

  function say(input, said) {
    const holder = input.closest(".room__send") || input;
    let list = holder.parentNode.querySelector(".files-refused");
    if (!list) {
      list = document.createElement("ul");
      list.className = "field__error files-refused";
      list.setAttribute("role", "alert");
      holder.parentNode.insertBefore(list, holder);
    }
    list.textContent = "";
    for (const sentence of said) {
      const line = document.createElement("li");
      line.textContent = sentence;
      list.append(line);
    }
    list.hidden = !said.length;
  }

  // Before anybody else who listens: what was refused is not named as chosen.
  document.addEventListener(
    "change",
    ({ target }) => {
      if (target.type !== "file" || !target.dataset.most) return;
      const { said, good } = refusals(target);
      if (said.length) choose(target, good);
      say(target, said);
    },
    true,
  );
})();
