// Draws the charts of runs from the data block of the page, with what charts.js has. Where steps share a bucket, a band shows the smallest and the largest.
(() => {
  const { content, colour, isKnown, shorten, draw, tooltip, valueAxis, logAxis, axisStyle, sortTable, show } = page;
  const { runs } = content;
  const grid = { left: 62, right: 20, top: 40, bottom: 46 };
  const dashes = ["solid", "dashed", "dotted", [10, 3, 2, 3], [5, 5], [12, 4], [3, 6], [8, 3, 3, 3]];

  const hostOf = id => document.getElementById(id);
  const seriesColour = i => colour("series-" + ((i + 1) % dashes.length));
  const line = i => ({ color: seriesColour(i), type: dashes[(i + Math.floor(i / dashes.length)) % dashes.length], width: 1.8 });
  const percent = value => (100 * value).toFixed(2) + " %";

  function legend(names) {
    return {
      type: "scroll", top: 4, left: 8, right: 8, itemWidth: 34, itemHeight: 15, // what is flatter than its text is cut
      textStyle: { color: colour("muted"), fontSize: 12 }, data: names,
      pageTextStyle: { color: colour("muted") }, pageIconColor: colour("text"), pageIconInactiveColor: colour("line"),
    };
  }

  function chart(id, xName, yAxis, series, names = runs.map(run => run.name)) {
    const host = hostOf(id);
    if (!host) return;
    draw(host, {
      grid, legend: names.length > 1 ? legend(names) : undefined, tooltip: tooltip(point => [point.seriesName, ...point.data.lines]),
      xAxis: { ...valueAxis(xName, 28), minInterval: 1, splitLine: { show: false } }, yAxis, series, dataZoom: [{ type: "inside" }],
    });
  }

  // A smallest that is drawn without a line, and on top of it how far it is to the largest.
  function band(run, i, steps, { minimum, maximum }) {
    const stack = { type: "line", stack: "band-" + i, symbol: "none", silent: true, lineStyle: { opacity: 0 }, tooltip: { show: false } };
    return [
      { ...stack, name: "", data: steps.map((step, at) => [step, minimum[at]]) },
      { ...stack, name: "", areaStyle: { color: seriesColour(i), opacity: 0.22 }, data: steps.map((step, at) => [step, isKnown(maximum[at]) ? maximum[at] - minimum[at] : null]) },
    ];
  }

  function drawSteps(field, name) {
    const values = [];
    const series = runs.flatMap((run, i) => {
      const column = run.series.columns.find(one => one.field === field);
      if (!column) return [];
      const known = run.series.steps.map((step, at) => [step, column.mean[at]]).filter(([, mean]) => isKnown(mean));
      values.push(...known.map(([, mean]) => mean));
      return [
        ...(run.series.width > 1 ? band(run, i, run.series.steps, column) : []),
        { name: run.name, type: "line", symbol: "none", lineStyle: line(i), itemStyle: { color: seriesColour(i) }, data: known.map(([step, mean]) => ({ value: [step, mean], lines: [`step ${step}`, `${name}: ${shorten(mean)}`] })) },
      ];
    });
    if (values.length > 0) chart(field, "step", valueAxis(name, 46), series);
  }

  function drawEpochs(id, name, valueOf, axis, shown = shorten) {
    chart(id, "epoch", axis, runs.map((run, i) => ({
      name: run.name, type: "line", symbolSize: 6, lineStyle: line(i), itemStyle: { color: seriesColour(i) },
      data: run.epochs.filter(epoch => isKnown(valueOf(epoch))).map(epoch => ({ value: [epoch.epoch, valueOf(epoch)], lines: [`epoch ${epoch.epoch}`, `${name}: ${shown(valueOf(epoch))}`] })),
    })));
  }

  const sizeAxis = (name, values) => Math.max(...values) > 10 * Math.min(...values) ? logAxis(name, 46, values) : valueAxis(name, 46);

  // A line a layer of the only run, over its epochs.
  function drawByLayer(id, name, layers) {
    const values = layers.flatMap(layer => layer.values).filter(value => value > 0);
    const { epochs } = runs[0];
    chart(id, "epoch", sizeAxis(name, values), layers.map((layer, i) => ({
      name: layer.name, type: "line", symbolSize: 5, lineStyle: line(i), itemStyle: { color: seriesColour(i) },
      data: epochs.map((epoch, at) => ({ value: [epoch.epoch, layer.values[at]], lines: [`epoch ${epoch.epoch}`, `${name}: ${shorten(layer.values[at])}`] })).filter(point => isKnown(point.value[1])),
    })), layers.map(layer => layer.name));
  }

  // What a step takes, one phase on the other; what goes on beside it as a line.
  function drawPhases() {
    const host = hostOf("phases");
    if (!host) return;
    const epochs = runs[0].epochs.filter(epoch => epoch.times);
    const phases = [["forward", "bar"], ["backward", "bar"], ["owner", "bar"], ["wait", "bar", "waiting"], ["step", "line", "whole step"], ["data", "line", "gathering samples"]];
    const nameOf = ([phase, , name]) => name ?? phase;
    draw(host, {
      grid, legend: legend(phases.map(nameOf)), tooltip: tooltip(point => [point.seriesName, ...point.data.lines]),
      xAxis: { ...axisStyle("epoch", 28), type: "category", data: epochs.map(epoch => String(epoch.epoch)), splitLine: { show: false } }, yAxis: { ...valueAxis("ms a step", 46), scale: false },
      series: phases.map((phase, i) => ({
        name: nameOf(phase), type: phase[1], stack: phase[1] === "bar" ? "phases" : undefined, symbolSize: 6, barMaxWidth: 60, itemStyle: { color: seriesColour(i) }, lineStyle: line(i),
        data: epochs.map(epoch => ({ value: 1000 * epoch.times[phase[0]], lines: [`epoch ${epoch.epoch}`, `${shorten(1000 * epoch.times[phase[0]])} ms`] })),
      })),
    });
  }

  // Bars of each rank of the only run, one on the other or beside each other.
  function drawRanks(id, unit, parts, stack) {
    const host = hostOf(id);
    if (!host) return;
    const { ranks } = runs[0];
    draw(host, {
      grid: { ...grid, left: 80 }, legend: legend(parts.map(([name]) => name)), tooltip: tooltip(point => [point.seriesName, ...point.data.lines]),
      xAxis: { ...valueAxis(unit, 28), scale: false }, yAxis: { ...axisStyle("", 0), type: "category", data: ranks.map(rank => "rank " + rank.rank), inverse: true },
      series: parts.map(([name, of], i) => ({
        name, type: "bar", stack, barMaxWidth: 60, itemStyle: { color: seriesColour(i) },
        data: ranks.map(rank => ({ value: of(rank), lines: [`rank ${rank.rank}`, `${unit}: ${shorten(of(rank))}`] })),
      })),
    });
  }

  function drawLayers() {
    const host = hostOf("layers");
    if (!host) return;
    const { layers } = runs[0];
    const values = layers.flatMap(layer => [layer.beta, layer.gamma]).filter(value => value > 0);
    draw(host, {
      grid, legend: legend(["beta", "gamma"]), tooltip: tooltip(point => [point.seriesName, ...point.data.lines]),
      xAxis: { ...axisStyle("layer, from the first to the last", 30), type: "category", data: layers.map(layer => layer.path) },
      yAxis: sizeAxis("", values),
      series: ["beta", "gamma"].map((name, i) => ({
        name, type: "line", symbolSize: 7, lineStyle: line(i), itemStyle: { color: seriesColour(i) },
        data: layers.filter(layer => isKnown(layer[name])).map(layer => ({ value: [layer.path, layer[name]], lines: [`layer ${layer.path}`, shorten(layer[name])] })),
      })),
    });
  }

  function drawAll() {
    for (const [field, name] of [["loss", "loss"], ["crossEntropy", "cross-entropy"], ["betaTerm", "sum of betas"], ["gammaTerm", "sum of |log gamma|"], ["gradientNorm", "gradient term"], ["learningRate", "learning rate"], ["samplesPerSecond", "samples per second"]]) {
      drawSteps(field, name);
    }

    const shares = valueAxis("test accuracy", 46);
    drawEpochs("accuracy", "test accuracy", epoch => epoch.testAccuracy, { ...shares, axisLabel: { ...shares.axisLabel, formatter: value => +(100 * value).toFixed(2) + " %" } }, percent);
    drawEpochs("beta", "largest beta", epoch => epoch.beta, valueAxis("largest beta", 46));
    drawEpochs("gamma", "largest gamma", epoch => epoch.gamma, valueAxis("largest gamma", 46));
    const bounds = runs.flatMap(run => run.epochs).map(epoch => epoch.bound).filter(bound => bound > 0);
    drawEpochs("bound", "bound", epoch => epoch.bound, logAxis("bound", 46, bounds));
    drawLayers();
    const { byLayer } = runs[0];
    if (byLayer) {
      drawByLayer("betaByLayer", "beta", byLayer.beta);
      drawByLayer("gammaByLayer", "gamma", byLayer.gamma);
      drawByLayer("curvatureByLayer", "added to the bound", byLayer.curvature);
    }
    drawPhases();
    drawRanks("ranks", "seconds", [
      ["forward", rank => rank.forwardSeconds], ["backward", rank => rank.computeSeconds - rank.forwardSeconds], ["owner", rank => rank.ownerSeconds], ["waiting", rank => rank.waitSeconds], ["data", rank => rank.dataSeconds],
    ], "seconds");
    drawRanks("rates", "samples per second", [["of its steps", rank => rank.timedSamples / rank.stepSeconds], ["while it computes", rank => rank.timedSamples * rank.threads / rank.computeSeconds]]);
  }

  document.querySelectorAll("table.sortable").forEach(sortTable);
  show(drawAll);
})();
