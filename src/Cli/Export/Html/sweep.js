// Draws the charts of a sweep from the data block of the page, with what charts.js has.
(() => {
  const { content, charts, grid, colour, isKnown, shorten, element, empty, draw, tooltip, axisStyle, valueAxis, logAxis, legend, sortTable, show } = page;
  const { goals, parameters, trials, fronts } = content;
  let goalIndex = 0;

  function shownParameter(axis, place) {
    if (!isKnown(place)) return "-";
    return axis.scale === "category" ? axis.categories[place] : shorten(place);
  }

  function trialLines(trial) {
    return [
      `trial ${trial.number}, ${trial.state}, epochs: ${trial.epochs}`,
      ...goals.map((goal, i) => `${goal.metric}: ${shorten(trial.goals[i])}`),
      ...parameters.map((axis, i) => `${axis.name}: ${shownParameter(axis, trial.places[i])}`),
    ];
  }

  function parameterAxis(axis, gap) {
    const style = axisStyle(axis.name, gap);
    if (axis.scale === "category") {
      return { ...style, type: "category", data: axis.categories, axisLabel: { ...style.axisLabel, width: 110, overflow: "truncate" } };
    }
    const places = trials.map(trial => trial.places[parameters.indexOf(axis)]).filter(isKnown);
    return axis.scale === "log" ? logAxis(axis.name, gap, places) : valueAxis(axis.name, gap);
  }

  function drawHistory() {
    const host = document.getElementById("history");
    const goal = goals[goalIndex];
    const known = trials.filter(trial => isKnown(trial.goals[goalIndex]));
    if (known.length === 0) return empty(host, "No trial has a result yet.");
    const states = ["completed", "stopped", "paused", "running", "pending"].filter(state => known.some(trial => trial.state === state));
    draw(host, {
      grid, legend: legend(), tooltip: tooltip(point => trialLines(point.data.trial)),
      xAxis: { ...valueAxis("trial", 26), minInterval: 1, splitLine: { show: false } },
      yAxis: valueAxis(goal.metric, 48),
      series: [
        ...states.map(state => ({
          name: state, type: "scatter", symbolSize: 8, itemStyle: { color: colour(state), opacity: 0.85 },
          data: known.filter(trial => trial.state === state).map(trial => ({ value: [trial.number, trial.goals[goalIndex]], trial })),
        })),
        {
          name: "best so far", type: "line", z: 1, silent: true, step: "end", showSymbol: known.length === 1, symbolSize: 4, itemStyle: { color: colour("front") },
          lineStyle: { color: colour("front"), width: 2 },
          data: trials.flatMap((trial, i) => isKnown(goal.best[i]) ? [[trial.number, goal.best[i]]] : []),
        },
      ],
    });
  }

  function drawImportance() {
    const host = document.getElementById("importance");
    const note = document.getElementById("importance-note");
    const goal = goals[goalIndex];
    const known = goal.importance.filter(entry => isKnown(entry.share)).reverse();
    note.textContent = "";
    if (known.length === 0) return empty(host, `Too few comparable trials to tell (${goal.importanceBasis}).`);
    host.style.height = Math.max(200, 70 + 30 * known.length) + "px";
    draw(host, {
      grid: { left: 12, right: 46, top: 6, bottom: 34, containLabel: true },
      tooltip: tooltip(point => [`${point.name}: ${(100 * point.value).toFixed(1)} % of the variance`]),
      xAxis: { ...valueAxis("share of the variance", 28), min: 0, max: 1 },
      yAxis: { ...axisStyle("", 0), type: "category", data: known.map(entry => entry.parameter), axisLabel: { color: colour("text"), width: 150, overflow: "truncate" } },
      series: [{
        type: "bar", barMaxWidth: 18, itemStyle: { color: colour("accent"), borderRadius: 3 }, data: known.map(entry => entry.share),
        label: { show: true, position: "right", color: colour("text"), formatter: point => (100 * point.value).toFixed(0) + " %" },
      }],
    });
    charts.get(host).resize();
    note.textContent = `What each parameter alone explains of the variance of ${goal.metric} (epsilon squared, Kelley 1935), over ${goal.importanceBasis}. Interactions are not seen.`;
  }

  function drawFronts() {
    const section = document.getElementById("fronts");
    section.querySelectorAll(".front").forEach(old => { charts.get(old)?.dispose(); charts.delete(old); old.remove(); });
    if (fronts.length === 0) {
      const host = section.appendChild(element("div", "front"));
      return empty(host, "Needs completed trials with two goals, or with a measured curvature.");
    }
    for (const front of fronts) {
      const host = section.appendChild(element("div", "chart front"));
      const line = front.points.filter(point => point.isOnFront).sort((a, b) => a.x - b.x);
      const best = more => more ? "more is better" : "less is better";
      draw(host, {
        grid, legend: legend(), tooltip: tooltip(point => trialLines(trials.find(trial => trial.number === point.data.number))),
        xAxis: valueAxis(`${front.x} (${best(front.isXMaximized)})`, 28), yAxis: valueAxis(`${front.y} (${best(front.isYMaximized)})`, 48),
        series: [
          {
            name: "other trials", type: "scatter", symbolSize: 8, itemStyle: { color: colour("stopped") },
            data: front.points.filter(point => !point.isOnFront).map(point => ({ value: [point.x, point.y], number: point.number })),
          },
          {
            name: "Pareto front", type: "line", symbol: "circle", symbolSize: 10, itemStyle: { color: colour("front") },
            lineStyle: { color: colour("front"), width: 1.5, type: "dashed" },
            data: line.map(point => ({ value: [point.x, point.y], number: point.number })),
          },
        ],
      });
    }
  }

  function drawParallel() {
    const host = document.getElementById("parallel");
    const goal = goals[goalIndex];
    const known = trials.filter(trial => isKnown(trial.goals[goalIndex]));
    if (known.length === 0) return empty(host, "No trial has a result yet.");
    const values = known.map(trial => trial.goals[goalIndex]);
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const colours = [colour("worst"), colour("middle"), colour("best")];
    const style = { axisLine: { lineStyle: { color: colour("line") } }, axisTick: { show: false }, nameTextStyle: { color: colour("text"), fontSize: 12 } };
    // labels stay readable where many lines meet
    const above = axis => ({ ...axis, z: 5, axisLabel: { ...axis.axisLabel, color: colour("text"), textBorderColor: colour("card"), textBorderWidth: 3 } });
    host.style.minWidth = 110 * (parameters.length + 1) + "px";
    draw(host, {
      parallel: { left: 60, right: 120, top: 40, bottom: 24, parallelAxisDefault: { nameLocation: "end", nameGap: 14, areaSelectStyle: { width: 16 } } },
      parallelAxis: [
        ...parameters.map((axis, i) => above({ ...parameterAxis(axis, 14), ...style, nameLocation: "end", dim: i })),
        { ...above(valueAxis(goal.metric, 14)), ...style, nameLocation: "end", dim: parameters.length, nameTextStyle: { color: colour("text"), fontWeight: "bold", fontSize: 12 } },
      ],
      visualMap: {
        type: "continuous", dimension: parameters.length, right: 0, top: "middle", itemHeight: 160, itemWidth: 12,
        // one value alone is the best there is
        min: high > low || !goal.isMaximized ? low : low - 1, max: high > low || goal.isMaximized ? high : high + 1,
        calculable: false, inRange: { color: goal.isMaximized ? colours : colours.reverse() }, text: [shorten(high), shorten(low)], textStyle: { color: colour("muted") },
      },
      tooltip: tooltip(line => trialLines(line.data.trial)),
      series: [{
        type: "parallel", lineStyle: { width: 1.6, opacity: known.length > 200 ? 0.3 : 0.75 }, emphasis: { lineStyle: { width: 3.5, opacity: 1 } },
        data: known.map(trial => ({ value: [...trial.places, trial.goals[goalIndex]], trial })),
      }],
    });
    charts.get(host).resize();
  }

  function drawSlices() {
    const section = document.getElementById("slices");
    section.querySelectorAll(".chart").forEach(old => { charts.get(old)?.dispose(); charts.delete(old); });
    section.replaceChildren();
    parameters.forEach((axis, i) => {
      const known = trials.filter(trial => isKnown(trial.places[i]) && isKnown(trial.goals[goalIndex]));
      const figure = section.appendChild(element("div", "slice"));
      figure.append(element("h3", "", axis.name));
      const host = figure.appendChild(element("div", "chart"));
      if (known.length === 0) return empty(host, "No result.");
      const of = isDone => known.filter(trial => (trial.state === "completed") === isDone)
        .map(trial => ({ value: [trial.places[i], trial.goals[goalIndex]], trial }));
      draw(host, {
        grid: { left: 54, right: 16, top: 12, bottom: 30 }, tooltip: tooltip(point => trialLines(point.data.trial)),
        xAxis: { ...parameterAxis(axis, 24), name: "" }, yAxis: { ...valueAxis("", 0) },
        series: [
          { type: "scatter", symbolSize: 7, itemStyle: { color: colour("stopped"), opacity: 0.8 }, data: of(false) },
          { type: "scatter", symbolSize: 7, itemStyle: { color: colour("completed"), opacity: 0.85 }, data: of(true) },
        ],
      });
    });
  }

  function drawAll() {
    drawHistory();
    drawImportance();
    drawFronts();
    drawParallel();
    drawSlices();
  }

  function offerGoals() {
    if (goals.length < 2) return;
    const nav = document.getElementById("goals");
    goals.forEach((goal, i) => {
      const button = nav.appendChild(element("button", "", goal.metric));
      button.type = "button";
      button.setAttribute("aria-pressed", String(i === goalIndex));
      button.addEventListener("click", () => {
        goalIndex = i;
        [...nav.children].forEach((other, j) => other.setAttribute("aria-pressed", String(j === i)));
        drawAll();
      });
    });
  }

  offerGoals();
  sortTable(document.getElementById("trials"));
  show(drawAll);
})();
