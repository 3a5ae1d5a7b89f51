"use strict";
// Hides rows and marks that are not of the chosen period, channel, segment or unit. It computes no figure.
(() => {
  const form = document.querySelector("form.filters");
  if (!form) return;
  const controls = [...form.querySelectorAll("select")];
  const figures = [...document.querySelectorAll("figure[data-by]")];
  const links = document.querySelectorAll(".masthead nav a");

  const chosen = () => Object.fromEntries(controls.map(({ name, value }) => [name, value]));
  const isKept = (node, dimension, wanted) => {
    const places = node.dataset[dimension];
    if (places === undefined) return false;
    if (dimension !== "period") return places.split(" ").includes(wanted.value);
    const [first, last] = places.split(" ").map(Number);
    return first >= wanted.from && last <= wanted.to;
  };

  // What is asked of each dimension; a dimension of which everything is wanted is absent.
  const asked = () => {
    const { from = "", to = "", ...named } = chosen();
    const found = {};
    for (const [name, value] of Object.entries(named)) if (value) found[name] = { value };
    if (from || to) found.period = { from: from === "" ? 0 : +from, to: to === "" ? Infinity : +to };
    return found;
  };

  const listed = (node) => (node?.dataset.by ?? "").split(" ").filter(Boolean);
  const hide = (node, isHidden) => node.classList.toggle("off", isHidden);
  const place = (node) => +/translate\(([-\d.e]+)/.exec(node.getAttribute("transform"))[1];

  // A line is cut where the points of the chosen months end.
  const cut = (svg) => {
    const points = [...svg.querySelectorAll("[data-row]")];
    const all = points.map(place), kept = points.filter((point) => !point.matches(".off")).map(place);
    const [least, most] = [Math.min(...all), Math.max(...all)];
    const left = (100 * (Math.min(...kept) - least)) / (most - least);
    const right = (100 * (most - Math.max(...kept))) / (most - least);
    for (const run of svg.querySelectorAll("[data-run]")) {
      hide(run, kept.length < Math.min(2, all.length));
      run.style.clipPath = kept.length === all.length ? "" : `inset(-10px ${right}% -10px ${left}%) fill-box`;
    }
  };

  // Rows stand upon the axis: those with a mark that is kept move down, and the drawing loses the height of the others.
  const close = (svg, step) => {
    const marks = [...svg.querySelectorAll("[data-row]")];
    const kept = new Map();
    for (const mark of marks) kept.set(+mark.dataset.row, kept.get(+mark.dataset.row) || !mark.matches(".off"));
    for (const label of svg.querySelectorAll("[data-label]")) hide(label, !kept.get(+label.dataset.row));
    const rows = [...kept.keys()].sort((a, b) => a - b);
    const lost = (after) => step * rows.filter((row) => row > after && !kept.get(row)).length;
    for (const mark of marks) mark.style.translate = `0 ${lost(+mark.dataset.row)}px`;
    const height = +(svg.dataset.height ??= svg.getAttribute("height"));
    svg.setAttribute("viewBox", `0 ${lost(-1)} ${svg.getAttribute("width")} ${height - lost(-1)}`);
    svg.setAttribute("height", height - lost(-1));
    svg.style.overflow = lost(-1) ? "hidden" : "";
  };

  const draw = (chart, wanted) => {
    const by = listed(chart).filter((dimension) => wanted[dimension]);
    for (const svg of chart.querySelectorAll("svg")) {
      for (const mark of svg.querySelectorAll("[data-row]")) {
        hide(mark, !by.every((dimension) => isKept(mark, dimension, wanted[dimension])));
      }
      const panel = svg.closest(".panel");
      if (panel) hide(panel, by.length > 0 && !svg.querySelector("[data-row]:not(.off)"));
      if (svg.querySelector("[data-run]")) cut(svg);
      if (chart.dataset.step) close(svg, +chart.dataset.step);
    }
  };

  // The figure's own chart, or that of a chosen value where the figure has charts of such values.
  const current = (figure, wanted) => {
    const [own, ...others] = figure.querySelectorAll(".chart");
    const of = new Set(others.map((chart) => chart.dataset.of).filter((dimension) => wanted[dimension]));
    if (!of.size) return own;
    return others.find((chart) => [...of].every((dimension) => isKept(chart, dimension, wanted[dimension])));
  };

  const show = (figure, wanted) => {
    const by = listed(figure).filter((dimension) => wanted[dimension]);
    const rows = [...figure.querySelectorAll("tbody tr")];
    for (const row of rows) hide(row, !by.every((dimension) => isKept(row, dimension, wanted[dimension])));
    const kept = rows.filter((row) => !row.matches(".off")).length;
    const isEmpty = by.length > 0 && kept === 0;
    const charts = [...figure.querySelectorAll(".chart")], chart = current(figure, wanted);
    const follows = (dimension) => listed(chart).includes(dimension) || chart?.dataset.of === dimension;
    if (chart) draw(chart, wanted);
    for (const one of charts) one.hidden = one !== chart || (isEmpty && by.every(follows));
    for (const note of figure.querySelectorAll("[data-note]")) {
      const [of, dimension] = note.dataset.note.split(" ");
      const isWhole = of === "figure" ? !listed(figure).includes(dimension)
        : chart && listed(figure).includes(dimension) && !follows(dimension);
      note.hidden = of === "none" ? !isEmpty
        : of === "few" ? isEmpty || !charts.length || Boolean(chart)
          : of === "file" ? !by.length : !(wanted[dimension] && isWhole);
    }
    return [kept, rows.length];
  };

  const fragment = () => {
    const pairs = controls.filter((control) => control.value);
    const query = new URLSearchParams(pairs.map((control) => [control.name, control.selectedOptions[0].dataset.key]));
    return pairs.length ? `#${query}` : "";
  };

  const apply = () => {
    const wanted = asked();
    const counts = figures.map((figure) => show(figure, wanted));
    const isActive = Object.keys(wanted).length > 0;
    form.classList.toggle("active", isActive);
    for (const [place, name] of ["shown", "rows"].entries()) {
      form.querySelector(`[data-count=${name}]`).textContent =
        counts.reduce((sum, count) => sum + count[place], 0).toLocaleString("en");
    }
    for (const link of links) link.setAttribute("href", link.getAttribute("href").split("#")[0] + fragment());
  };

  // A choice is in the address, so that it can be shared; other pages take what they have of it.
  const read = () => {
    const query = new URLSearchParams(location.hash.slice(1));
    for (const control of controls) {
      const option = [...control.options].find(({ dataset }) => dataset.key === query.get(control.name));
      control.value = option ? option.value : "";
    }
  };
  const remember = () => history.replaceState(null, "", fragment() || location.pathname + location.search);

  form.addEventListener("change", ({ target }) => {
    const [from, to] = ["from", "to"].map((name) => form.elements.namedItem(name));
    if (from?.value && to?.value && +from.value > +to.value) (target === from ? to : from).value = target.value;
    apply();
    remember();
  });
  form.querySelector("button").addEventListener("click", () => {
    for (const control of controls) control.value = "";
    apply();
    remember();
    controls[0].focus();
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("hashchange", () => {
    if (location.hash.includes("=")) read(); else if (fragment()) remember();
    apply();
  });
  form.hidden = false;
  if (location.hash.includes("=")) read();
  apply();
})();
