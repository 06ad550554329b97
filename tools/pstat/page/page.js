// One page: table, flame graph, call graph, the run, and beside them the function that is selected.
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const find = (id) => document.getElementById(id);
  const make = (name, properties, ...children) => {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  };
  const seconds = (number) => number.toFixed(3);
  const percent = (number) => (data.total > 0 ? `${((100 * number) / data.total).toFixed(2)}\u00a0%` : "");
  const counts = (row) => (row.ncalls === row.primitive ? `${row.ncalls}` : `${row.ncalls}/${row.primitive}`);
  const per = (time, count) => (count > 0 ? time / count : 0);

  // What is selected, and who wants to know.
  const followers = [];
  let selected = null;
  const select = (row) => {
    if (!row || row === selected) return;
    selected = row;
    followers.forEach((follow) => follow(row));
  };

  // Numbers of now, and, of two profiles, those of the base and whether it is new or gone.
  const numbers = ([ncalls, primitive, tottime, cumtime, ...rest]) =>
    ({ncalls, primitive, tottime, cumtime, ...(rest.length ? {was: numbers(rest), state: rest[4]} : {})});
  const change = data.base && comparison(data, {make, seconds, counts});
  const longest = (row) => Math.max(row.cumtime, change ? row.was.cumtime : 0);
  const rows = data.functions.map(([id, label, ...rest]) =>
    ({id, label, ...numbers(rest), callers: [], callees: []}));
  const byId = new Map(rows.map((row) => [row.id, row]));
  const pairs = data.pairs.map(([caller, callee, ...rest]) =>
    ({caller: byId.get(caller), callee: byId.get(callee), ...numbers(rest)}));
  for (const pair of pairs) {
    pair.caller.callees.push(pair);
    pair.callee.callers.push(pair);
  }

  function matcher(text) {
    try {
      const pattern = new RegExp(text, "iu");
      return (label) => pattern.test(label);
    } catch {
      return (label) => label.toLowerCase().includes(text.toLowerCase());
    }
  }

  function makeTable() {
    let shown = rows;
    const share = (row, cell, value) => {
      const part = data.total > 0 ? Math.min(100, (100 * value) / data.total) : 0;
      const element = make("span", {className: "share", textContent: seconds(value), title: percent(value)});
      element.style.background = `linear-gradient(to left, var(--bar) ${part}%, transparent ${part}%)`;
      return element;
    };
    const each = (row, cell, value) => seconds(value);
    const number = (id, name, width, value, formatter, toolTip) => ({id, name, field: id, width, minWidth: width - 20,
      value, formatter, toolTip, sortable: true, cssClass: "number", headerCssClass: "number"});
    const columns = change ? change.columns(rows) : [
      number("ncalls", "ncalls", 95, (row) => row.ncalls, (r, c, v, column, row) => counts(row),
        "calls/primitive calls"),
      number("tottime", "tottime", 100, (row) => row.tottime, share, "seconds in the function itself"),
      number("own", "percall", 80, (row) => per(row.tottime, row.ncalls), each, "tottime of a call"),
      number("cumtime", "cumtime", 100, (row) => row.cumtime, share, "seconds with all that it called"),
      number("whole", "percall", 80, (row) => per(row.cumtime, row.primitive), each, "cumtime of a primitive call"),
      {id: "label", name: "filename:lineno(function)", field: "label", width: 500, minWidth: 120, sortable: true,
        value: (row) => row.label, formatter: (row, cell, value) => make("span", {textContent: value})},
    ];
    const provider = {getLength: () => shown.length, getItem: (i) => shown[i]};
    const grid = new Slick.Grid(find("table"), provider, columns, {
      rowHeight: 27, headerRowHeight: 28, enableColumnReorder: false, enableHtmlRendering: false, forceFitColumns: true,
      enableCellNavigation: true, enableTextSelectionOnCells: true, unorderableColumnCssClass: "",
      dataItemColumnValueExtractor: (row, column) => column.value(row),
    });
    const whenNarrow = columns.filter((column) => column.name !== "percall" && !column.isWide);
    const first = change ? "cumtimechange" : "cumtime";
    const nameCell = () => grid.getColumnIndex("label");
    let sorting = {column: columns.find((column) => column.id === first), up: false};
    const sort = () => {
      const {value} = sorting.column, sign = sorting.up ? 1 : -1;
      const compare = (a, b) => (value(a) < value(b) ? -sign : value(a) > value(b) ? sign : 0);
      shown.sort(compare);
    };
    const refresh = () => {
      const text = find("find").value, matches = matcher(text);
      shown = text ? rows.filter((row) => matches(row.label)) : [...rows];
      sort();
      grid.resetActiveCell();
      grid.updateRowCount();
      grid.invalidate();
      find("table").querySelectorAll(".slick-header-column").forEach((heading) => heading.setAttribute("aria-sort",
        heading.dataset.id !== sorting.column.id ? "none" : sorting.up ? "ascending" : "descending"));
      const left = data.left_out.functions;
      find("count").textContent =
        `${shown.length.toLocaleString("en")} of ${rows.length.toLocaleString("en")} functions`
        + (left ? ` (${left.toLocaleString("en")} more are left out)` : "");
    };
    grid.onSort.subscribe((event, change) => {
      sorting = {column: change.sortCol, up: change.sortAsc};
      refresh();
    });
    grid.onHeaderCellRendered.subscribe((event, {node}) => {
      node.tabIndex = 0;
      node.addEventListener("keydown", (press) => {
        if (press.key !== "Enter" && press.key !== " ") return;
        press.preventDefault();
        node.click();
      });
    });
    // Narrow windows have the times of a call beside the table alone.
    const fit = () => {
      const wanted = find("table").clientWidth < 520 ? whenNarrow : columns;
      if (grid.getColumns().length !== wanted.length) {
        grid.setColumns(wanted);
        grid.setSortColumn(sorting.column.id, sorting.up);
      }
      grid.resizeCanvas();
    };
    grid.onActiveCellChanged.subscribe((event, place) => place.row !== undefined && select(shown[place.row]));
    followers.push((row) => {
      const place = shown.indexOf(row), active = grid.getActiveCell();
      if (place < 0) grid.resetActiveCell();
      else if (!active || active.row !== place) {
        grid.scrollRowIntoView(place);
        grid.setActiveCell(place, nameCell());
      }
    });
    find("find").addEventListener("input", refresh);
    find("find").addEventListener("keydown", (event) => {
      if (event.key !== "ArrowDown" || !shown.length) return;
      event.preventDefault();
      grid.setActiveCell(0, nameCell());
      grid.focus();
    });
    // Tab stops at the rows once, then at each heading, and leaves; the table would lead it from cell to cell.
    find("table").addEventListener("keydown", (event) => event.key === "Tab" && event.stopPropagation(), true);
    find("table").querySelectorAll(".slick-pane, .slick-viewport, .grid-canvas, :scope > :last-child")
      .forEach((part) => { part.tabIndex = -1; });
    grid.setColumns(columns);
    grid.setSortColumn(first, false);
    refresh();
    new ResizeObserver(fit).observe(find("table"));
  }

  const heading = make("thead", {}, make("tr", {}, ...["ncalls", ...(change ? [] : ["tottime"]), "cumtime", "function"]
    .map((name) => make("th", {scope: "col", textContent: name}))));

  function pairList(title, list, other) {
    const body = list.sort((a, b) => longest(b) - longest(a)).slice(0, 100).map((pair) => {
      const link = make("button", {className: "link", type: "button", textContent: other(pair).label});
      link.addEventListener("click", () => select(other(pair)));
      const cells = change ? [change.bothCounts(pair), change.bothTimes(pair, "cumtime")]
        : [counts(pair), seconds(pair.tottime), seconds(pair.cumtime)];
      return make("tr", {}, ...cells.map((textContent) => make("td", {textContent})),
        make("td", {}, ...(change ? change.mark(pair.state) : []), link));
    });
    const rest = list.length - body.length;
    return [
      make("h3", {textContent: `${title} (${list.length})`}),
      list.length ? make("table", {className: "numbers"}, heading.cloneNode(true), make("tbody", {}, ...body))
        : make("p", {textContent: "none"}),
      ...(rest ? [make("p", {textContent: `and ${rest} more`})] : []),
    ];
  }

  const list = (facts) => make("dl", {}, ...facts.flatMap(([name, value]) =>
    [make("dt", {textContent: name}), make("dd", {textContent: value})]));

  function showSelected(row) {
    const told = (time, count) =>
      `${seconds(time)} s, ${percent(time)}${count > 1 ? `; ${seconds(time / count)} s a call` : ""}`;
    const facts = change ? change.facts(row)
      : [["ncalls", counts(row)], ["tottime", told(row.tottime, row.ncalls)],
        ["cumtime", told(row.cumtime, row.primitive)]];
    find("selected").replaceChildren(
      make("h2", {}, ...(change ? change.mark(row.state) : []), row.label),
      list(facts),
      ...pairList("Callers", row.callers, (pair) => pair.caller),
      ...pairList("Callees", row.callees, (pair) => pair.callee),
    );
  }

  const SVG = "http://www.w3.org/2000/svg";
  const draw = (name, attributes, ...children) => {
    const element = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
  };
  const HEAT = ["#eef2f7", "#e3ecf3", "#f3efd9", "#fbe6b4", "#fdd58a", "#fcb869", "#f79552", "#ee6f45", "#de4a3c",
    "#c32637", "#9e0c34"];
  const whole = change ? change.whole : data.total;
  const shareOf = (time) => (whole > 0 ? Math.min(1, Math.max(0, time / whole)) : 0);
  const heatOf = (time) => Math.round(Math.sqrt(shareOf(time)) * (HEAT.length - 1));

  // As much of a text as fits into so many pixels, and how many it takes.
  const pen = document.createElement("canvas").getContext("2d");
  function shorten(text, most) {
    pen.font = '11px ui-sans-serif, system-ui, "DejaVu Sans", sans-serif';
    const letters = [...text.slice(0, most)], widthOf = (shown) => pen.measureText(shown).width;
    const start = (length) => (length < text.length ? `${letters.slice(0, length).join("")}\u2026` : text);
    if (text.length <= most && widthOf(text) <= most) return {shown: text, width: widthOf(text)};
    let low = 0, high = letters.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (widthOf(start(middle)) <= most) low = middle;
      else high = middle - 1;
    }
    return {shown: start(low), width: widthOf(start(low))};
  }

  function drawBox(row, place) {
    const heat = heatOf(row.cumtime), hot = !change && heat >= 8 ? "hot" : "";
    const lines = change ? [place.shown, `${change.bothTimes(row, "cumtime")} s`, `${change.bothCounts(row)}\u00d7`]
      : [place.shown, `${percent(row.cumtime)} (${percent(row.tottime)})`, `${counts(row)}\u00d7`];
    const fill = change ? change.colour(row) : HEAT[heat];
    const box = draw("g", {class: "box", tabindex: -1, role: "button"}, draw("title", {}, row.label),
      draw("rect", {x: place.x - place.width / 2, y: place.y - place.height / 2, width: place.width,
        height: place.height, rx: 7, fill, stroke: "#c6ccd3"}),
      ...lines.map((line, i) => draw("text", {x: place.x, y: place.y - 9 + 14 * i, class: hot}, line)));
    box.addEventListener("click", () => select(row));
    const follow = (now) => {
      box.classList.toggle("chosen", now === row);
      box.tabIndex = now === row ? 0 : -1;
    };
    followers.push(follow);
    follow(selected);
    return box;
  }

  // The arrow keys lead to the hottest caller and callee, and to the boxes beside.
  function walk(key, boxes) {
    const at = boxes.get(selected);
    const hottest = (pairs, other) => pairs.filter((pair) => other(pair) !== selected && boxes.has(other(pair)))
      .sort((a, b) => longest(b) - longest(a)).map(other)[0];
    const beside = (sign) => [...boxes].filter(([, box]) => box.place.y === at.place.y
      && sign * (box.place.x - at.place.x) > 0)
      .sort(([, a], [, b]) => sign * (a.place.x - b.place.x)).map(([row]) => row)[0];
    const steps = {
      ArrowUp: () => hottest(selected.callers, (pair) => pair.caller),
      ArrowDown: () => hottest(selected.callees, (pair) => pair.callee),
      ArrowLeft: () => beside(-1),
      ArrowRight: () => beside(1),
    };
    const next = at && steps[key] && steps[key]();
    if (!next) return false;
    select(next);
    boxes.get(next).box.focus();
    return true;
  }

  // The picture grows and shrinks around the middle of what is seen of it.
  function makeZoom(picture, svg, width, height) {
    let scale = 1;
    const zoom = (to) => {
      const around = {x: picture.scrollLeft + picture.clientWidth / 2, y: picture.scrollTop + picture.clientHeight / 2};
      const by = Math.min(3, Math.max(0.05, to)) / scale;
      scale *= by;
      svg.setAttribute("width", width * scale);
      svg.setAttribute("height", height * scale);
      picture.scrollTo(around.x * by - picture.clientWidth / 2, around.y * by - picture.clientHeight / 2);
    };
    const steps = {
      "+": () => zoom(scale * 1.25),
      "-": () => zoom(scale / 1.25),
      "0": () => zoom(Math.min(1, picture.clientWidth / width, picture.clientHeight / height)),
    };
    find("graph").querySelectorAll("[data-zoom]").forEach((button) =>
      button.addEventListener("click", () => steps[button.dataset.zoom]()));
    return steps;
  }

  function drawArrow(pair, place) {
    const heat = heatOf(longest(pair)), share = shareOf(longest(pair));
    const stroke = heat < 4 ? "#9aa4af" : change ? change.colour(pair) : HEAT[heat];
    const points = place.points, at = (point) => `${point.x.toFixed(1)},${point.y.toFixed(1)}`;
    const middle = (i) => at({x: (points[i].x + points[i + 1].x) / 2, y: (points[i].y + points[i + 1].y) / 2});
    const bends = points.slice(1, -1).map((point, i) =>
      `Q${at(point)} ${i + 3 < points.length ? middle(i + 1) : at(points[points.length - 1])}`);
    return draw("g", {},
      draw("path", {d: `M${at(points[0])}${bends.join("")}`, stroke,
        "stroke-width": 0.8 + 3 * share, "marker-end": "url(#tip)", "stroke-linejoin": "round"}),
      draw("text", {x: place.x - 40, y: place.y + 4, class: "arrow"},
        change ? `${change.bothCounts(pair)}\u00d7` : `${percent(pair.cumtime)} ${counts(pair)}\u00d7`));
  }

  let pressInGraph = () => false; // whether the key was meant for it
  // The functions and pairs with the largest shares, as many as can be taken in.
  function makeGraph() {
    const most = 120, least = whole * 0.005;
    const hot = [...rows].sort((a, b) => longest(b) - longest(a)).filter((row) => longest(row) >= least);
    const drawn = new Set(hot.slice(0, most));
    const graph = new dagre.graphlib.Graph({multigraph: false});
    graph.setGraph({nodesep: 18, ranksep: 42, marginx: 10, marginy: 10});
    for (const row of drawn) {
      const {shown, width} = shorten((change ? change.prefix(row) : "") + row.label, 290);
      graph.setNode(String(row.id), {shown, width: 24 + Math.max(120, width), height: 52});
    }
    const arrows = pairs.filter((pair) => drawn.has(pair.caller) && drawn.has(pair.callee)
      && pair.caller !== pair.callee && longest(pair) >= whole * 0.001);
    for (const pair of arrows) {
      graph.setEdge(String(pair.caller.id), String(pair.callee.id),
        {width: 90, height: 14, labelpos: "r", labeloffset: 4});
    }
    find("graph-note").textContent = drawn.size
      ? `${drawn.size} of ${(rows.length + data.left_out.functions).toLocaleString("en")} functions: `
        + (hot.length > most ? `the ${most} with the largest shares` : "those with 0.5 % of the time or more")
        + ", and calls from 0.1 % on. "
        + (change ? "Red grew, blue shrank: the change of cumtime." : "pstat --format graph draws others.")
      : "No function took 0.5 % of the time.";
    if (!drawn.size) return;
    dagre.layout(graph);
    const {width, height} = graph.graph();
    const tip = draw("marker", {id: "tip", viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 9, markerHeight: 9,
      markerUnits: "userSpaceOnUse", orient: "auto"}, draw("path", {d: "M0,0L8,4L0,8z", style: "fill:#8b949e"}));
    const boxes = new Map([...drawn].map((row) => {
      const place = graph.node(String(row.id));
      return [row, {place, box: drawBox(row, place)}];
    }));
    const picture = find("graph-picture");
    const svg = draw("svg", {width, height, viewBox: `0 0 ${width} ${height}`, role: "group",
      "aria-label": "Call graph"}, draw("defs", {}, tip),
      ...arrows.map((pair) => drawArrow(pair, graph.edge(String(pair.caller.id), String(pair.callee.id)))),
      ...[...boxes.values()].map(({box}) => box));
    picture.replaceChildren(svg);
    const zooms = makeZoom(picture, svg, width, height);
    pressInGraph = (event) => {
      if (!zooms[event.key]) return !event.target.matches("button") && walk(event.key, boxes);
      zooms[event.key]();
      return true;
    };
    followers.push((row) => {
      if (boxes.has(row)) boxes.get(row).box.scrollIntoView({block: "nearest", inline: "nearest"});
    });
    if (boxes.has(selected)) boxes.get(selected).box.scrollIntoView({block: "center", inline: "center"});
    else boxes.get([...drawn][0]).box.tabIndex = 0;
  }

  // Files may have any facts, and these ones of any kind.
  const known = new Map([
    ["started", (value) => (Math.abs(value) < 8e12 ? new Date(1000 * value).toISOString() : value)],
    ["enabled", (value) => `${seconds(value)} s`],
    ["compensated", (value) => (value ? "yes" : "no")],
  ]);
  const told = (name, value) => [name, typeof value === "number" && known.has(name) ? known.get(name)(value) : value];

  function aboutRun(run, which) {
    const facts = run.facts.map(([name, value]) => told(name, value));
    const share = (time) => (run.total > 0 ? `, ${((100 * time) / run.total).toFixed(2)}\u00a0%` : "");
    return [
      make("h2", {textContent: `Files${which}`}), list(run.files.map((file, i) => [`${i + 1}`, file])),
      ...(facts.length ? [make("h2", {textContent: `Facts${which}`}), list(facts)] : []),
      ...(run.threads.length > 1 ? [make("h2", {textContent: `Threads${which}`}),
        list(run.threads.map(([name, time]) => [name, `${seconds(time)} s${share(time)}`]))] : []),
    ];
  }

  function showRun() {
    find("run").replaceChildren(...aboutRun(data, ""), ...(change ? aboutRun(data.base, " of the base") : []));
  }

  const flame = flameGraph(find("flame-svg"), (id) => select(byId.get(id)));
  const tabs = [...document.querySelectorAll("nav button")];
  const opening = {graph: makeGraph, flame: () => { flame.fit(); find("flame").scrollTop = flame.root; }};
  function open(name) {
    for (const tab of tabs) {
      const mine = tab.dataset.view === name;
      tab.setAttribute("aria-selected", mine);
      tab.tabIndex = mine ? 0 : -1;
      find(tab.dataset.view).hidden = !mine;
    }
    if (opening[name]) opening[name]();
    if (name !== "flame") delete opening[name];
  }
  tabs.forEach((tab, i) => {
    tab.setAttribute("aria-controls", tab.dataset.view);
    find(tab.dataset.view).setAttribute("role", "tabpanel");
    tab.addEventListener("click", () => open(tab.dataset.view));
    tab.addEventListener("keydown", (event) => {
      const step = {ArrowRight: 1, ArrowLeft: tabs.length - 1}[event.key];
      if (!step) return;
      const next = tabs[(i + step) % tabs.length];
      open(next.dataset.view);
      next.focus();
    });
  });
  document.addEventListener("keydown", (event) => {
    if (event.target.matches("input") || event.ctrlKey || event.metaKey || event.altKey) return;
    const tab = tabs[Number(event.key) - 1];
    if (tab) open(tab.dataset.view);
    else if (event.key === "/" && find("flame").hidden) {
      open("functions");
      find("find").focus();
    } else if (find("graph").hidden || !pressInGraph(event)) return;
    event.preventDefault();
  });
  find("find").addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    find("find").value = "";
    find("find").dispatchEvent(new Event("input"));
    find("find").blur();
  });

  followers.push(showSelected, (row) => flame.mark(row.id));
  makeTable();
  showRun();
  const importance = (row) => (change ? Math.abs(row.cumtime - row.was.cumtime) : row.cumtime);
  if (rows.length) select([...rows].sort((a, b) => importance(b) - importance(a))[0]);
})();
