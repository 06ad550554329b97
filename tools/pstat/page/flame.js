// The flame graph comes to life: zoom, search, details, keys.  Without this it is a picture.  chosen(number) is told of
// a function that is clicked, if its frame has a number.
"use strict";
const flameGraph = (svg, chosen = () => {}) => {
  const SVG = "http://www.w3.org/2000/svg";
  const XHTML = "http://www.w3.org/1999/xhtml";
  const MARGIN = 10, LETTER = 6.93, INSET = 4, LEAST = 0.1, THIN = 3;
  const find = (name) => svg.querySelector(`#${name}`);
  const picture = [1200, Number(svg.getAttribute("height"))];
  const drawn = picture[0] - 2 * MARGIN;
  const icicle = svg.dataset.direction === "down";
  let width = drawn, zoomed = null, current = null;

  const frames = [...find("frames").children].map((group) => {
    const rect = group.querySelector("rect"), label = group.querySelector("text");
    const number = (name) => Number(rect.getAttribute(name));
    const lines = group.querySelector("title").textContent.split("\n");
    return {
      group, rect, label, lines, name: lines[0],
      left: (number("x") - MARGIN) / drawn, share: number("width") / drawn, top: number("y"),
    };
  });
  frames.forEach((frame) => { frame.group.frame = frame; });
  const everything = frames[0];
  const isUnder = (frame, upper) => (icicle ? frame.top > upper.top : frame.top < upper.top) && within(frame, upper);
  const SLACK = 1e-6;
  const within = (frame, upper) =>
    frame.left >= upper.left - SLACK && frame.left + frame.share <= upper.left + upper.share + SLACK;

  // What fits into so many columns; East Asian letters and pictographs take two.
  const WIDE = /[\u1100-\u115f\u2e80-\ud7a3\uf900-\ufaff\uff00-\uff60\u{1f300}-\u{10ffff}]/u;
  function fitting(name, room) {
    let columns = 0, shown = "";
    for (const letter of name) {
      columns += WIDE.test(letter) ? 2 : 1;
      if (columns > room) return `${shown}\u2026`;
      if (columns < room) shown += letter;
    }
    return name;
  }

  function put(frame, x, w) {
    const room = Math.floor((w - 2 * INSET) / LETTER);
    frame.rect.setAttribute("x", x);
    frame.rect.setAttribute("width", w);
    frame.group.classList.toggle("thin", w < THIN);
    if (room < 3) {
      if (frame.label) frame.label.textContent = "";
      return;
    }
    if (!frame.label) {
      frame.label = document.createElementNS(SVG, "text");
      frame.label.setAttribute("y", frame.top + 13);
      frame.group.append(frame.label);
    }
    frame.label.setAttribute("x", x + INSET);
    frame.label.textContent = fitting(frame.name, room);
  }

  function draw() {
    const base = zoomed || everything;
    const scale = width / (base.share || 1);
    for (const frame of frames) {
      const above = base !== frame && isUnder(base, frame);
      const inside = frame === base || isUnder(frame, base);
      const w = above ? width : frame.share * scale;
      const hidden = !(above || inside) || w < LEAST;
      frame.group.style.display = hidden ? "none" : "";
      frame.group.classList.toggle("above", above);
      if (!hidden) put(frame, above ? MARGIN : MARGIN + (frame.left - base.left) * scale, w);
    }
  }

  function show(frame) {
    find("details").textContent = frame ? frame.lines.join(" \u00b7 ") : find("details").dataset.help;
  }

  function select(frame) {
    if (current) current.group.classList.remove("at");
    current = frame;
    if (frame) {
      frame.group.classList.add("at");
      frame.group.scrollIntoView({block: "nearest"});
    }
    show(frame);
  }

  function zoom(frame) {
    zoomed = frame === everything ? null : frame;
    draw();
    select(frame);
    if (frame.group.dataset.f) chosen(Number(frame.group.dataset.f));
  }

  // What matches, and its share of everything; frames within frames that match count once.
  function search(text) {
    let matches = () => false;
    try {
      const pattern = new RegExp(text, "iu");
      matches = (name) => pattern.test(name);
    } catch {
      matches = (name) => name.toLowerCase().includes(text.toLowerCase());
    }
    const found = text ? frames.filter((frame) => matches(frame.name)) : [];
    const known = new Set(found);
    frames.forEach((frame) => frame.group.classList.toggle("found", known.has(frame)));
    let share = 0, end = -1;
    for (const frame of [...found].sort((a, b) => a.left - b.left || b.share - a.share)) {
      const right = frame.left + frame.share;
      if (right <= end) continue;
      share += right - Math.max(frame.left, end);
      end = right;
    }
    find("found").textContent = text ? `${found.length} found, ${(100 * share).toFixed(1)} %` : "";
  }

  function neighbour(key) {
    const at = current || zoomed || everything;
    const shown = frames.filter((frame) => frame.group.style.display !== "none");
    const children = (frame) => shown.filter((other) => Math.abs(other.top - frame.top) < 19 && isUnder(other, frame));
    const parent = shown.find((other) => isUnder(at, other) && Math.abs(other.top - at.top) < 19);
    if (key === (icicle ? "ArrowDown" : "ArrowUp")) return children(at).sort((a, b) => b.share - a.share)[0];
    if (key === (icicle ? "ArrowUp" : "ArrowDown")) return parent;
    const row = shown.filter((other) => other.top === at.top).sort((a, b) => a.left - b.left);
    return row[row.indexOf(at) + (key === "ArrowLeft" ? -1 : 1)];
  }

  function press(event) {
    if (!svg.getClientRects().length || (event.target.matches("input, button") && event.target !== box)) return;
    const typing = event.target === box;
    if (event.key === "Escape") {
      if (typing || box.value) { box.value = ""; search(""); box.blur(); }
      else zoom(everything);
    } else if (typing || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    } else if (event.key === "/") {
      box.focus();
    } else if (event.key === "Enter" && current) {
      zoom(current);
    } else if (event.key.startsWith("Arrow")) {
      const next = neighbour(event.key);
      if (next) select(next);
    } else {
      return;
    }
    event.preventDefault();
  }

  function fit() {
    const around = svg.parentElement ? svg.parentElement.clientWidth - 32 : window.innerWidth;
    const whole = Math.max(340, around || picture[0]);
    width = whole - 2 * MARGIN;
    svg.setAttribute("width", whole);
    svg.setAttribute("viewBox", `0 0 ${whole} ${picture[1]}`);
    const room = whole < 600 ? 140 : 230;
    corner.setAttribute("width", room);
    corner.setAttribute("x", whole - MARGIN - room);
    find("found").setAttribute("x", whole - MARGIN - room - 10);
    draw();
    fitNote();
    stay();
  }

  // A bit narrower than usual, and cut where that is not enough; whole in the tooltip.
  function fitNote() {
    note.element.textContent = note.text;
    note.element.removeAttribute("textLength");
    const length = note.element.getComputedTextLength(), narrower = 1.15;
    if (length > width) {
      const letters = Math.floor((narrower * note.text.length * width) / length);
      if (letters < note.text.length) note.element.textContent = `${note.text.slice(0, letters - 1)}\u2026`;
      note.element.setAttribute("textLength", width);
      note.element.setAttribute("lengthAdjust", "spacingAndGlyphs");
    }
    const whole = document.createElementNS(SVG, "title");
    whole.textContent = note.text;
    note.element.append(whole);
  }

  // Whoever scrolls keeps the title, the search and the details in sight.
  function stay() {
    const {top} = svg.getBoundingClientRect();
    const around = svg.parentElement && svg.parentElement.getBoundingClientRect();
    const above = Math.max(0, (around ? Math.max(0, around.top) : 0) - top);
    const end = around ? Math.min(window.innerHeight, around.bottom) : window.innerHeight;
    const below = Math.min(picture[1], end - top);
    header.setAttribute("transform", `translate(0 ${above})`);
    find("details").setAttribute("y", below - 13);
    band.setAttribute("y", below - 30);
  }

  // Behind what stays, where frames would be.
  function makeBand(height) {
    const band = document.createElementNS(SVG, "rect");
    for (const [name, value] of Object.entries({class: "band", width: "100%", height})) band.setAttribute(name, value);
    return band;
  }

  const band = makeBand(30);
  find("details").before(band);
  const corner = document.createElementNS(SVG, "foreignObject");
  const box = document.createElementNS(XHTML, "input");
  for (const [name, value] of Object.entries({y: 8, height: 28})) corner.setAttribute(name, value);
  box.className = "search";
  box.type = "search";
  box.placeholder = "Search (press /)";
  box.setAttribute("aria-label", "Search for functions");
  box.addEventListener("input", () => search(box.value));
  corner.append(box);
  const note = {element: svg.querySelector(".note"), text: svg.querySelector(".note").textContent};
  const header = document.createElementNS(SVG, "g");
  find("found").setAttribute("y", 26);
  const legend = find("legend");
  header.append(makeBand(legend ? 84 : 56), svg.querySelector(".title"), note.element, find("found"), corner,
    ...(legend ? [legend] : []));
  svg.append(header);

  const frameAt = (event) => event.target.closest && event.target.closest(".f");
  find("frames").addEventListener("click", (event) => {
    const frame = frameAt(event) && frameAt(event).frame;
    if (frame) zoom(frame);
  });
  find("frames").addEventListener("mouseover", (event) => frameAt(event) && show(frameAt(event).frame));
  find("frames").addEventListener("mouseout", () => show(current));
  document.addEventListener("keydown", press);
  window.addEventListener("resize", fit);
  window.addEventListener("scroll", stay, true);
  if (svg.parentElement) svg.setAttribute("tabindex", 0);
  find("details").dataset.help =
    "Click: zoom \u00b7 Esc: back \u00b7 /: search \u00b7 arrow keys and Enter: walk and zoom";
  show(null);
  fit();
  const root = icicle ? 0 : picture[1];
  if (!svg.parentElement) window.scrollTo(0, root);
  // Shows the frames that have this number.
  const mark = (number) =>
    frames.forEach(({group}) => group.classList.toggle("chosen", group.dataset.f === String(number)));
  return {fit, root, mark};
};
