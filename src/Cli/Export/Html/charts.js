// What the pages of every report share: values, elements, and charts in the page's colours. Texts reach a page through textContent or the canvas alone.
"use strict";
const page = (() => {
  const charts = new Map();
  const grid = { left: 64, right: 20, top: 34, bottom: 46 };

  const colour = name => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
  const isKnown = value => typeof value === "number";

  function shorten(value) {
    if (!isKnown(value)) return "-";
    const size = Math.abs(value);
    return size !== 0 && (size < 1e-3 || size >= 1e6) ? value.toExponential(2) : String(+value.toPrecision(5));
  }

  function element(tag, className, text) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  }

  function empty(host, text) {
    charts.get(host)?.dispose();
    charts.delete(host);
    host.replaceChildren(element("div", "empty", text));
  }

  function draw(host, option) {
    if (!charts.has(host)) {
      host.replaceChildren();
      charts.set(host, echarts.init(host));
    }
    charts.get(host).setOption({
      animation: false,
      aria: { enabled: true },
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: colour("text") },
      ...option,
    }, true);
  }

  // Lines of a tooltip as elements, because as a string they would be markup.
  function tip(lines) {
    const box = element("div", "tip");
    for (const line of lines) box.append(element("div", "", line));
    return box;
  }

  function tooltip(linesOf) {
    return {
      trigger: "item", confine: true, backgroundColor: colour("card"), borderColor: colour("line"),
      textStyle: { color: colour("text"), fontSize: 12 }, formatter: point => tip(linesOf(point)),
    };
  }

  function axisStyle(name, gap) {
    return {
      name, nameLocation: "middle", nameGap: gap, nameTextStyle: { color: colour("muted"), fontSize: 12 }, scale: true,
      axisLabel: { color: colour("muted"), fontSize: 11, hideOverlap: true }, axisLine: { show: false }, axisTick: { show: false },
      splitLine: { lineStyle: { color: colour("line") } },
    };
  }

  function valueAxis(name, gap) {
    const style = axisStyle(name, gap);
    return { ...style, type: "value", axisLabel: { ...style.axisLabel, formatter: shorten } };
  }

  // The next number of one digit in a direction, such as 0.02 below 0.023.
  function toDigit(value, round) {
    const decade = 10 ** Math.floor(Math.log10(value));
    return +(round(+(value / decade).toPrecision(12)) * decade).toPrecision(12);
  }

  function logAxis(name, gap, values) {
    const axis = { ...valueAxis(name, gap), type: "log" };
    if (values.length === 0) return axis;
    // whole decades waste most of a narrow range
    const [min, max] = [toDigit(Math.min(...values), Math.floor), toDigit(Math.max(...values), Math.ceil)];
    return { ...axis, min: min < max ? min : min / 2, max: min < max ? max : max * 2, axisLabel: { ...axis.axisLabel, showMinLabel: true, showMaxLabel: true } };
  }

  function legend() {
    return { top: 0, right: 0, icon: "circle", itemWidth: 9, itemHeight: 9, textStyle: { color: colour("muted") } };
  }

  // Numbers by size, texts by name, and what is missing last.
  function compare(left, right) {
    if (left === "" || right === "") return (left === "") - (right === "");
    const [a, b] = [Number(left), Number(right)];
    return Number.isNaN(a) || Number.isNaN(b) ? left.localeCompare(right) : a - b;
  }

  function sortTable(table) {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => head.addEventListener("click", () => {
      const isAscending = head.getAttribute("aria-sort") !== "ascending";
      heads.forEach(other => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", isAscending ? "ascending" : "descending");
      const keyed = [...table.tBodies[0].rows].map(row => [row.cells[column].dataset.sort, row]);
      keyed.sort(([a], [b]) => a === "" || b === "" || isAscending ? compare(a, b) : compare(b, a));
      table.tBodies[0].append(...keyed.map(([, row]) => row));
    }));
  }

  // Draws now, and anew in the other theme.
  function show(drawAll) {
    drawAll();
    window.addEventListener("resize", () => charts.forEach(chart => chart.resize()));
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
  }

  const content = JSON.parse(document.getElementById("content").textContent);
  return { content, charts, grid, colour, isKnown, shorten, element, empty, draw, tooltip, axisStyle, valueAxis, logAxis, legend, sortTable, show };
})();
