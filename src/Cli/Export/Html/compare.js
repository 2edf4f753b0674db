// Draws the charts of a comparison from the data block of the page, with what charts.js has.
(() => {
  const { content, colour, isKnown, shorten, draw, tooltip, axisStyle, valueAxis, logAxis, sortTable, show } = page;
  const { methods } = content;
  const symbols = ["circle", "rect", "triangle", "diamond", "roundRect", "emptyCircle", "emptyRect", "emptyTriangle"];
  const grid = { left: 58, right: 20, top: 44, bottom: 46 };

  const percent = value => (100 * value).toFixed(2) + " %";
  const hostOf = id => document.getElementById(id);
  const seriesColour = i => colour("series-" + (i % symbols.length));

  function legend(names) {
    return {
      type: "scroll", top: 4, left: 8, right: 8, itemWidth: 14, itemHeight: 9, data: names, textStyle: { color: colour("muted"), fontSize: 12 },
      pageIconColor: colour("accent"), pageIconInactiveColor: colour("line"), pageTextStyle: { color: colour("muted") },
    };
  }

  function shareAxis(name) {
    const axis = valueAxis(name, 42);
    return { ...axis, axisLabel: { ...axis.axisLabel, formatter: value => +(100 * value).toFixed(2) + " %" } };
  }

  // Logarithmic where values span a decade.
  function sizeAxis(name, gap, values) {
    return Math.max(...values) > 10 * Math.min(...values) ? logAxis(name, gap, values) : valueAxis(name, gap);
  }

  // One series for each list of points of each method: names that are the same are one entry of the legend.
  function series(pointsOf, more) {
    return methods.flatMap((method, i) => pointsOf(method).filter(points => points.length > 0).map(points => ({
      name: method.name, symbol: symbols[i % symbols.length], symbolSize: 7, itemStyle: { color: seriesColour(i) }, data: points, ...more,
    })));
  }

  function chart(id, xAxis, yAxis, pointsOf, more) {
    const host = hostOf(id);
    if (!host) return;
    const drawn = series(pointsOf, more);
    const names = [...new Set(drawn.map(one => one.name))];
    draw(host, { grid, legend: legend(names), tooltip: tooltip(point => [point.seriesName, ...point.data.lines]), xAxis, yAxis, series: drawn });
  }

  function drawEpochs(id, name, axis, valueOf, shown) {
    const epochs = { ...valueAxis("epoch", 26), minInterval: 1, splitLine: { show: false } };
    chart(id, epochs, axis, method => method.trials.map(trial => trial.epochs.filter(epoch => isKnown(valueOf(epoch))).map(epoch => ({
      value: [epoch.epoch, valueOf(epoch)], lines: [`seed ${trial.seed}, epoch ${epoch.epoch}`, `${name}: ${shown(valueOf(epoch))}`],
    }))), { type: "line", lineStyle: { width: 1.8 } });
  }

  function drawScatter() {
    const known = method => method.trials.filter(trial => isKnown(trial.testAccuracy) && trial.curvature > 0);
    const values = methods.flatMap(known).map(trial => trial.curvature);
    chart("scatter", logAxis("curvature", 28, values), shareAxis("test accuracy"), method => [known(method).map(trial => ({
      value: [trial.curvature, trial.testAccuracy],
      lines: [`seed ${trial.seed}`, `curvature: ${shorten(trial.curvature)}`, `test accuracy: ${percent(trial.testAccuracy)}`],
    }))], { type: "scatter", symbolSize: 11 });
  }

  function drawMeans(id, xName, yName, yAxis, pointsOf, shown) {
    chart(id, { ...valueAxis(xName, 28), min: 0 }, yAxis, method => [pointsOf(method).map(point => ({
      value: [point.at, point.mean],
      lines: [`${xName}: ${shorten(point.at)}`, `${yName}: ${shown(point.mean)}${isKnown(point.deviation) ? " ± " + shown(point.deviation) : ""}`],
    }))], { type: "line", lineStyle: { width: 1.8 } });
  }

  function drawLayers(id, name, valueOf) {
    const of = method => method.layers.filter(layer => isKnown(valueOf(layer)));
    const paths = [...new Set(methods.flatMap(of).map(layer => layer.path))];
    const values = methods.flatMap(of).map(valueOf).filter(value => value > 0);
    const axis = axisStyle("layer, from the first to the last", 30);
    chart(id, { ...axis, type: "category", data: paths }, sizeAxis(name, 42, values), method => [of(method).map(layer => ({
      value: [layer.path, valueOf(layer)], lines: [`layer ${layer.path}`, `${name}: ${shorten(valueOf(layer))}`],
    }))], { type: "line", lineStyle: { width: 1.8 } });
  }

  function drawAll() {
    drawEpochs("accuracy", "test accuracy", shareAxis("test accuracy"), epoch => epoch.testAccuracy, percent);
    drawEpochs("loss", "test loss", valueAxis("test loss", 42), epoch => epoch.testLoss, shorten);
    drawScatter();
    const changes = methods.flatMap(method => method.gradientChange).map(point => point.mean).filter(mean => mean > 0);
    drawMeans("noise", "norm of the noise", "relative change of the gradient", sizeAxis("relative change of the gradient", 42, changes), method => method.gradientChange, shorten);
    drawMeans("robust", "epsilon", "robust accuracy", shareAxis("robust accuracy"), method => method.robust, percent);
    drawMeans("certified", "epsilon", "certified accuracy", shareAxis("certified accuracy"), method => method.certified, percent);
    drawLayers("beta", "beta", layer => layer.beta);
    drawLayers("gamma", "gamma", layer => layer.gamma);
  }

  document.querySelectorAll("table.sortable").forEach(sortTable);
  show(drawAll);
})();
