// What a page of two profiles has instead of that of one: columns of both, colours of the change.
"use strict";
const comparison = (data, {make, seconds, counts}) => {
  document.body.classList.add("compares");
  const whole = Math.max(data.total, data.base.total);
  const middle = data.steps.length;
  const signed = (number, text) => (number < 0 ? `\u2212${text(-number)}` : `+${text(number)}`);
  const ratio = (now, before) => (before > 0 ? (now / before).toFixed(2) : "");

  // From blue over grey to red, by the change as a share of all time.
  function colour(row) {
    const share = whole > 0 ? (row.cumtime - row.was.cumtime) / whole : 0;
    const steps = data.steps.filter((step) => Math.abs(share) >= step).length;
    return data.colours[middle + (share < 0 ? -steps : steps)];
  }

  const mark = (state) => (state ? [make("span", {className: "mark", textContent: state > 0 ? "new" : "gone"})] : []);

  function columns(rows) {
    const largest = {};
    for (const field of ["ncalls", "tottime", "cumtime"]) {
      largest[field] = rows.reduce((most, row) => Math.max(most, Math.abs(row[field] - row.was[field])), 0);
    }
    const group = (field, text, ...widths) => {
      const number = (id, name, value, formatter, toolTip) => ({id: field + id, name, field: field + id,
        value, formatter, toolTip, sortable: true, cssClass: "number", headerCssClass: "number", isWide: field !== "cumtime"});
      const change = (row, cell, value, column, item) => {
        const now = item[field], before = item.was[field];
        const part = largest[field] > 0 ? (100 * Math.abs(now - before)) / largest[field] : 0;
        const element = make("span", {className: "share", textContent: signed(now - before, text)});
        const bar = now < before ? "var(--shrank)" : "var(--grew)";
        element.style.background = `linear-gradient(to left, ${bar} ${part}%, transparent ${part}%)`;
        return element;
      };
      return [
        number("was", `${field} was`, (row) => row.was[field], (r, c, value, column, row) =>
          (field === "ncalls" ? counts(row.was) : text(value)), `${field} of the base`),
        number("is", "is", (row) => row[field], (r, c, value, column, row) =>
          (field === "ncalls" ? counts(row) : text(value)), `${field} now`),
        // By how much it changed, whichever way.
        number("change", "change", (row) => Math.abs(row[field] - row.was[field]), change, `change of ${field}`),
        number("ratio", "ratio", (row) => (row.was[field] > 0 ? row[field] / row.was[field] : Infinity),
          (r, c, value, column, row) => ratio(row[field], row.was[field]), `${field} now / ${field} of the base`),
      ].map((column, i) => ({...column, width: widths[i], minWidth: widths[i]}));
    };
    return [
      {id: "label", name: "filename:lineno(function)", field: "label", width: 340, minWidth: 162, sortable: true,
        value: (row) => row.label,
        formatter: (r, c, value, column, row) => make("span", {title: value}, ...mark(row.state), value)},
      ...group("ncalls", String, 56, 44, 60, 50), ...group("tottime", seconds, 62, 54, 64, 52),
      ...group("cumtime", seconds, 70, 54, 64, 52),
    ];
  }

  const both = (before, now) => (before === now ? now : `${before} \u2192 ${now}`);
  const bothCounts = (row) => both(counts(row.was), counts(row));
  const bothTimes = (row, field) => both(seconds(row.was[field]), seconds(row[field]));

  function facts(row) {
    const time = (field) => {
      const times = ratio(row[field], row.was[field]);
      const change = signed(row[field] - row.was[field], seconds);
      return `${bothTimes(row, field)} s, ${change}${times && ` (${times} times)`}`;
    };
    return [["ncalls", bothCounts(row)], ["tottime", time("tottime")], ["cumtime", time("cumtime")]];
  }

  const prefix = (row) => ({1: "new: ", "-1": "gone: "}[row.state] || "");

  return {colour, columns, mark, prefix, bothCounts, bothTimes, facts, whole};
};
