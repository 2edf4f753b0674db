// One sweep: its best trials, how they came about, how options weigh against each other, and the curves of all.
import { html, useMemo, useState } from './htm.js';
import { call, usePolled } from './api.js';
import { count, duration, number, seconds, value } from './format.js';
import { Action, Card, Notice, Phase, Table, Tile } from './ui.js';
import { Lines } from './chart.js';
import { Drawing, axis } from './drawing.js';

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
      ${spec.goals.map((goal, i) => html`<${Tile} name=${i === 0 ? `Best ${goal.metric}` : `Its ${goal.metric}`} note=${status.best ? `trial ${status.best.number}` : ''}>${number(status.best?.metrics[goal.metric])}</${Tile}>`)}
      <${Tile} name="Slots" note=${`${count(status.freeSlots)} free`}>${count(status.totalSlots)}</${Tile}>
      <${Tile} name="Since the start" note=${status.timeLeft && !DONE.includes(status.phase) ? `${duration(seconds(status.timeLeft))} left` : ''}>${duration(seconds(status.elapsed))}</${Tile}>
    </dl>
    <div class="cards">
      <${Card} title="History"><${History} goal=${spec.goals[0]} trials=${all} /></${Card}>
      <${Card} title="Curves of all trials"><${Curves} goal=${spec.goals[0]} trials=${all} /></${Card}>
      ${spec.goals.length > 1 && html`<${Card} title="Pareto"><${Pareto} goals=${spec.goals} trials=${all} pick=${setPicked} /></${Card}>`}
      <${Card} title="Parallel coordinates"><${Parallel} goals=${spec.goals} trials=${all} pick=${setPicked} /></${Card}>
      <${Card} title="Slices"><${Slices} goal=${spec.goals[0]} trials=${all} pick=${setPicked} /></${Card}>
    </div>
    <div aria-live="polite">${picked && html`<${Picked} trial=${all.find(trial => trial.number === picked)} close=${() => setPicked(null)} />`}</div>
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

const text = (trial, axes) => `trial ${trial.number}, ${axes.map(axis => `${axis.name} ${value(axis.of(trial))}`).join(', ')}`;
const points = (trials, axes) => trials.map(trial => ({ id: trial.number, text: text(trial, axes) }));
const ofGoal = goal => ({ name: goal.metric, of: trial => trial.metrics[goal.metric] });
const ofOption = name => ({ name, of: trial => trial.parameters[name] });
const ascending = axis => (one, other) => (axis.of(one) < axis.of(other) ? -1 : axis.of(one) > axis.of(other) ? 1 : one.number - other.number);
const isRated = goals => trial => goals.every(goal => Number.isFinite(trial.metrics[goal.metric]));
/** @param {any} trial @param {any[]} axes */
const dot = (trial, [x, y]) => ({ value: [x.of(trial), y.of(trial)].map(part => (typeof part === 'number' ? part : String(part))), name: String(trial.number) });

// Learning rates and the like are tried by their magnitude.
function scaleOf(shown, trials) {
  const values = trials.map(shown.of);
  if (!values.every(one => typeof one === 'number')) return { type: 'category', data: [...new Set(values.map(String))] };
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return least > 0 && most / least > 20 ? { type: 'log', min: least, max: most, axisLabel: { formatter: one => number(Number(one.toPrecision(2))) } } : {};
}

const AREA = { left: 15, right: 25, top: 35, bottom: 35, containLabel: true };

function Pareto({ goals: [x, y], trials, pick }) {
  const axes = [ofGoal(x), ofGoal(y)];
  const rated = useMemo(() => trials.filter(isRated([x, y])).sort(ascending(axes[0])), [trials]);
  const front = rated.filter(trial => !isBeaten(trial, rated, [x, y]));
  const option = theme => ({
    grid: AREA, textStyle: { color: theme.ink }, color: theme.colours,
    xAxis: { ...axis(theme), name: x.metric, nameLocation: 'middle', nameGap: 28 }, yAxis: { ...axis(theme), name: y.metric, nameTextStyle: { color: theme.ink, align: 'left' } },
    series: [
      { type: 'scatter', name: 'trials', data: rated.map(trial => dot(trial, axes)), symbolSize: 8, emphasis: { scale: 2.5 } },
      { type: 'scatter', name: 'front', data: front.map(trial => dot(trial, axes)), symbol: 'diamond', symbolSize: 14 },
    ],
  });
  return html`
    <${Drawing} title=${`${x.metric} against ${y.metric}`} option=${option} points=${points(rated, axes)} pick=${pick} note=${`by ${x.metric}`} />
    <p>On the front: ${front.map(trial => html`<button class="link" onClick=${() => pick(trial.number)}>trial ${trial.number}</button> `)}</p>`;
}

// The goal over one option: all else differs, too, so that what the option does is seen through what the others do.
function Slices({ goal, trials, pick }) {
  const [chosen, setChosen] = useState(null);
  const rated = useMemo(() => trials.filter(isRated([goal])), [trials]);
  const names = options(rated);
  if (names.length === 0) return html`<p class="empty">No trial has an end yet.</p>`;
  const axes = [ofOption(chosen ?? names[0]), ofGoal(goal)];
  const sorted = [...rated].sort(ascending(axes[0]));
  const option = theme => ({
    grid: AREA, textStyle: { color: theme.ink }, color: theme.colours,
    xAxis: { ...axis(theme, scaleOf(axes[0], sorted)), name: axes[0].name, nameLocation: 'middle', nameGap: 28 },
    yAxis: { ...axis(theme), name: goal.metric, nameTextStyle: { color: theme.ink, align: 'left' } },
    series: [{ type: 'scatter', data: sorted.map(trial => dot(trial, axes)), symbolSize: 9, emphasis: { scale: 2 } }],
  });
  return html`
    <label>Option <select value=${axes[0].name} onChange=${event => setChosen(event.target.value)}>${names.map(name => html`<option value=${name}>${name}</option>`)}</select></label>
    <${Drawing} title=${`${goal.metric} by ${axes[0].name}`} option=${option} points=${points(sorted, axes)} pick=${pick} note=${`by ${axes[0].name}`} />`;
}

function Parallel({ goals, trials, pick }) {
  const best = ofGoal(goals[0]);
  const rated = useMemo(() => trials.filter(isRated([goals[0]])).sort((one, other) => (goals[0].isMaximized ? -1 : 1) * ascending(best)(one, other)), [trials]);
  const axes = [...options(rated).map(ofOption), ...goals.map(ofGoal)];
  const option = theme => ({
    textStyle: { color: theme.ink }, color: theme.colours, parallel: { left: 40, right: 60, top: 35, bottom: 25 },
    parallelAxis: axes.map((shown, dim) => ({
      dim, ...axis(theme, scaleOf(shown, rated)), name: shown.name,
    })),
    series: [{
      type: 'parallel', lineStyle: { width: 2, opacity: 0.6 }, emphasis: { lineStyle: { width: 5, opacity: 1, color: theme.colours[1] } },
      data: rated.map(trial => ({ name: String(trial.number), value: axes.map(shown => (typeof shown.of(trial) === 'number' ? shown.of(trial) : String(shown.of(trial)))) })),
    }],
  });
  return html`<${Drawing} title="Options and goals of every trial" option=${option} points=${points(rated, axes)} pick=${pick} note="the best first" isOfLines />`;
}
