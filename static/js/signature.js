// A name drawn with the finger on the signing page. Without this file a tick and the code from the phone suffice.
// What is kept are the strokes (points on a sheet of 1000 × 400), not a picture: they survive an answer with mistakes.
(() => {
  "use strict";

  const form = document.querySelector("[data-signature]");
  const place = form?.querySelector(".signature");
  const field = form?.querySelector("[data-strokes]");
  if (!place || !field) return;
  const sheet = place.querySelector("canvas");
  const hint = place.querySelector(".field__hint");
  const clear = place.querySelector("button");
  const pen = sheet.getContext("2d");
  const { clear: clearText, drawn, empty } = form.dataset;

  const read = () => {
    try {
      const kept = JSON.parse(field.value || "[]");
      return Array.isArray(kept) ? kept : [];
    } catch {
      return [];
    }
  };
  const strokes = read();
  let current = null;

  const draw = () => {
    pen.clearRect(0, 0, sheet.width, sheet.height);
    pen.lineWidth = 9;
    pen.lineCap = pen.lineJoin = "round";
    for (const stroke of strokes) {
      pen.beginPath();
      stroke.forEach(([x, y], i) => (i ? pen.lineTo(x, y) : pen.moveTo(x, y)));
      if (stroke.length === 1) pen.lineTo(stroke[0][0] + 1, stroke[0][1]);
      pen.stroke();
    }
    hint.textContent = strokes.length ? drawn : empty;
    clear.hidden = !strokes.length;
  };

  const point = (event) => {
    const box = sheet.getBoundingClientRect();
    const x = Math.round(((event.clientX - box.left) / box.width) * sheet.width);
    const y = Math.round(((event.clientY - box.top) / box.height) * sheet.height);
    return [Math.min(Math.max(x, 0), sheet.width), Math.min(Math.max(y, 0), sheet.height)];
  };

  const keep = () => {
    field.value = strokes.length ? JSON.stringify(strokes) : "";
  };

  sheet.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    sheet.setPointerCapture(event.pointerId);
    current = [point(event)];
    strokes.push(current);
    draw();
  });
  sheet.addEventListener("pointermove", (event) => {
    if (!current) return;
    const [x, y] = point(event);
    const [lastX, lastY] = current[current.length - 1];
    if (Math.abs(x - lastX) + Math.abs(y - lastY) < 6) return;
    current.push([x, y]);
    draw();
  });
  const lift = () => {
    current = null;
    keep();
  };
  for (const end of ["pointerup", "pointercancel"]) sheet.addEventListener(end, lift);
  clear.addEventListener("click", () => {
    strokes.length = 0;
    keep();
    draw();
  });

  clear.textContent = clearText;
  place.hidden = false;
  draw();
})();
