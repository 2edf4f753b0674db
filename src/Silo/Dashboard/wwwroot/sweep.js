// One sweep: its best trials, how they came about, how options weigh against each other, and the curves of all.
import { html, useMemo, useRef, useEffect, useState } from './htm.js';
import { call, usePolled } from './api.js';
import { count, duration, number, seconds, value } from './format.js';
import { Action, Card, Notice, Phase, Table, Tile, useTheme } from './ui.js';
import { Lines } from './chart.js';

const DONE = ['completed', 'failed'];

export function Sweep({ id, mayOperate }) {
  const path = `sweeps/${encodeURIComponent(id)}`;
  const sweep = usePolled(path);
  const trials = usePolled(`${path}/trials?limit=10000`, 3);
  const [picked, setPicked] = useState(null);
  if (!sweep.content) return html`<h1>${id}</h1><${Notice} problem=${sweep.problem} />${!sweep.problem && html`<p>One moment …</p>`}`;
  const { status, spec } = sweep.content;
  const all = trials.content?.trials ?? [];
  const steer = verb => () => call(`${path}/${verb}`, { method: 'POST' }).then(sweep.refresh);
  return html`
    <div class="head"><h1>${status.name || id}</h1><${Phase} phase=${status.phase} />
      ${mayOperate && !DONE.includes(status.phase) && html`
        <${Action} name="Pause" run=${steer('pause')} /><${Action} name="Resume" run=${steer('resume')} />
        <${Action} name="Add a trial" run=${() => call(`${path}/trials`, { method: 'POST', body: { count: 1 } }).then(sweep.refresh)} />
        <${Action} name="Stop" danger ask="Stop every trial, and complete the sweep with what there is?" run=${steer('stop')} />`}
    </div>
    <${Notice} problem=${sweep.problem ?? trials.problem} />
    <dl class="tiles">
      <${Tile} name="Trials" note=${`${count(status.trials.running)} running, ${count(status.trials.failed)} failed`}>${count(status.trials.completed + status.trials.stopped)} of ${count(status.trials.planned)}</${Tile}>
      ${spec.goals.map(goal => html`<${Tile} name=${`Best ${goal.metric}`} note=${status.best ? `trial ${status.best.number}` : ''}>${number(status.best?.metrics[goal.metric])}</${Tile}>`)}
      <${Tile} name="Slots" note=${`${count(status.freeSlots)} free`}>${count(status.totalSlots)}</${Tile}>
      <${Tile} name="Since the start" note=${status.timeLeft && !DONE.includes(status.phase) ? `${duration(seconds(status.timeLeft))} left` : ''}>${duration(seconds(status.elapsed))}</${Tile}>
    </dl>
    <div class="cards">
      <${Card} title="History"><${History} goal=${spec.goals[0]} trials=${all} /></${Card}>
      <${Card} title="Curves of all trials"><${Curves} goal=${spec.goals[0]} trials=${all} /></${Card}>
      ${spec.goals.length > 1 && html`<${Card} title="Pareto"><${Pareto} goals=${spec.goals} trials=${all} pick=${setPicked} /></${Card}>`}
      <${Card} title="Parallel coordinates"><${Parallel} goals=${spec.goals} trials=${all} /></${Card}>
    </div>
    ${picked && html`<${Picked} trial=${all.find(trial => trial.number === picked)} close=${() => setPicked(null)} />`}
    <${Card} title="Trials" wide><${Trials} goals=${spec.goals} trials=${all} pick=${setPicked} /></${Card}>`;
}

const options = trials => [...new Set(trials.flatMap(trial => Object.keys(trial.parameters)))];

function Trials({ goals, trials, pick }) {
  return html`<${Table} caption="Trials" rows=${trials} keyOf=${trial => trial.number} first=${goals[0].metric} descending=${goals[0].isMaximized} columns=${[
    { key: 'number', name: '#', numeric: true, value: trial => trial.number, show: trial => html`<button class="link" onClick=${() => pick(trial.number)}>${trial.number}</button>` },
    { key: 'state', name: 'State', value: trial => trial.state, show: trial => html`<${Phase} phase=${trial.state} />` },
    ...goals.map(goal => ({ key: goal.metric, name: goal.metric, numeric: true, value: trial => trial.metrics[goal.metric], show: trial => number(trial.metrics[goal.metric]) })),
    ...options(trials).map(name => ({ key: `p-${name}`, name, numeric: typeof trials[0]?.parameters[name] === 'number', value: trial => trial.parameters[name], show: trial => value(trial.parameters[name]) })),
    { key: 'epochs', name: 'Epochs', numeric: true, value: trial => trial.epochs },
    { key: 'run', name: 'Run', show: trial => (trial.runId ? html`<a href=${`#/runs/${encodeURIComponent(trial.runId)}`}>${trial.runId}</a>` : '') },
  ]} />`;
}

function Picked({ trial, close }) {
  return trial && html`<section class="card wide picked" aria-label=${`Trial ${trial.number}`}>
    <div class="head"><h2>Trial ${trial.number}</h2><${Phase} phase=${trial.state} /><button onClick=${close}>Close</button></div>
    <dl class="tiles">${Object.entries(trial.metrics).map(([name, metric]) => html`<${Tile} name=${name}>${number(metric)}</${Tile}>`)}</dl>
    <p>${Object.entries(trial.parameters).map(([name, option]) => `${name} = ${value(option)}`).join(', ')}</p>
    ${trial.error && html`<p>${trial.error}</p>`}
    ${trial.runId && html`<a href=${`#/runs/${encodeURIComponent(trial.runId)}`}>Its run</a>`}
  </section>`;
}

function History({ goal, trials }) {
  const rated = trials.filter(trial => Number.isFinite(trial.metrics[goal.metric]));
  const best = [];
  for (const trial of rated) {
    const metric = trial.metrics[goal.metric];
    const before = best[best.length - 1];
    best.push(before === undefined ? metric : goal.isMaximized ? Math.max(before, metric) : Math.min(before, metric));
  }

  const steps = rated.map(trial => trial.number);
  return html`<${Lines} title=${`${goal.metric} by trial`} x="trial" series=${[
    { name: 'trial', steps, mean: rated.map(trial => trial.metrics[goal.metric]), width: 1 }, { name: 'best so far', steps, mean: best, width: 1 }]} />`;
}

function Curves({ goal, trials }) {
  const series = trials.filter(trial => trial.reports.length > 0)
    .map(trial => ({ name: `trial ${trial.number}`, steps: trial.reports.map(report => report.epoch), mean: trial.reports.map(report => report.metrics[goal.metric] ?? null), width: 1 }));
  return html`<${Lines} title=${`${goal.metric} by epoch`} x="epoch" series=${series} />`;
}

function isBeaten(trial, others, goals) {
  const rank = (one, goal) => (goal.isMaximized ? 1 : -1) * one.metrics[goal.metric];
  return others.some(other => goals.every(goal => rank(other, goal) >= rank(trial, goal)) && goals.some(goal => rank(other, goal) > rank(trial, goal)));
}

const axis = (ink, line) => ({ scale: true, splitLine: { lineStyle: { color: line } }, axisLabel: { color: ink }, nameTextStyle: { color: ink } });

function Pareto({ goals: [x, y], trials, pick }) {
  const rated = useMemo(() => trials.filter(trial => [x, y].every(goal => Number.isFinite(trial.metrics[goal.metric]))), [trials]);
  const front = rated.filter(trial => !isBeaten(trial, rated, [x, y]));
  const point = trial => ({ value: [trial.metrics[x.metric], trial.metrics[y.metric]], name: String(trial.number) });
  const option = ({ ink, line }) => ({
    grid: { left: 60, right: 20, top: 20, bottom: 45 }, textStyle: { color: ink }, tooltip: { formatter: ({ name, value: [a, b] }) => `trial ${name}<br>${x.metric} ${number(a)}<br>${y.metric} ${number(b)}` },
    xAxis: { ...axis(ink, line), name: x.metric, nameLocation: 'middle', nameGap: 28 }, yAxis: { ...axis(ink, line), name: y.metric },
    series: [{ type: 'scatter', name: 'trials', data: rated.map(point), symbolSize: 8 }, { type: 'scatter', name: 'front', data: front.map(point), symbol: 'diamond', symbolSize: 14 }],
  });
  return html`
    <${Drawing} title=${`${x.metric} against ${y.metric}`} option=${option} data=${rated} click=${({ name }) => pick(Number(name))} />
    <p>On the front: ${front.map(trial => html`<button class="link" onClick=${() => pick(trial.number)}>trial ${trial.number}</button> `)}</p>`;
}

function Parallel({ goals, trials }) {
  const rated = useMemo(() => trials.filter(trial => Number.isFinite(trial.metrics[goals[0].metric])), [trials]);
  const names = options(rated);
  const axes = [...names.map(name => ({ name, of: trial => trial.parameters[name] })), ...goals.map(goal => ({ name: goal.metric, of: trial => trial.metrics[goal.metric] }))];
  const option = ({ ink, line }) => ({
    textStyle: { color: ink }, parallel: { left: 40, right: 60, top: 35, bottom: 25 },
    parallelAxis: axes.map((axis, dim) => ({
      dim, name: axis.name, nameTextStyle: { color: ink }, axisLine: { lineStyle: { color: line } }, axisLabel: { color: ink },
      ...(rated.every(trial => typeof axis.of(trial) === 'number') ? { scale: true } : { type: 'category', data: [...new Set(rated.map(trial => String(axis.of(trial))))] }),
    })),
    series: [{ type: 'parallel', lineStyle: { width: 2, opacity: 0.6 }, data: rated.map(trial => axes.map(axis => (typeof axis.of(trial) === 'number' ? axis.of(trial) : String(axis.of(trial))))) }],
  });
  return html`<${Drawing} title="Options and goals of every trial" option=${option} data=${rated} />`;
}

let loading = null;
const echarts = () => loading ??= new Promise((resolve, reject) => {
  const script = document.createElement('script');
  script.src = 'assets/echarts.min.js'; // large, and for these two charts alone
  script.onload = () => resolve(window.echarts);
  script.onerror = () => reject(new Error('assets/echarts.min.js did not come'));
  document.head.append(script);
});

function Drawing({ title, option, data, click }) {
  const [place, chart, isDark] = [useRef(null), useRef(null), useTheme()];
  useEffect(() => {
    let isGone = false;
    const watcher = new ResizeObserver(() => chart.current?.resize());
    echarts().then(library => {
      if (isGone || data.length === 0) return;
      const styles = getComputedStyle(document.documentElement);
      chart.current ??= library.init(place.current, null, { renderer: 'canvas' });
      chart.current.setOption({ animation: false, ...option({ ink: styles.getPropertyValue('--ink').trim(), line: styles.getPropertyValue('--line').trim() }) }, true);
      chart.current.off('click');
      if (click) chart.current.on('click', click);
      watcher.observe(place.current);
    });
    return () => { isGone = true; watcher.disconnect(); };
  }, [data, isDark]);
  useEffect(() => () => chart.current?.dispose(), []);
  return html`<figure class="chart" aria-label=${`${title}; the table of trials has the same figures`}><figcaption>${title}</figcaption><div class="drawing" ref=${place} role="img" aria-label=${title}></div></figure>`;
}
