// Runs beside each other: the same charts with a line for each, what they end at, and where their specs differ.
import { html, useEffect, useState } from './htm.js';
import { callForRun } from './api.js';
import { ENDED, number, percent, value } from './format.js';
import { Card, Notice, Phase, Table } from './ui.js';
import { Lines, StepChart } from './chart.js';

const UNLIKE_ANYWAY = ['outputDirectory', 'resumeFrom'];

export function Compare({ ids }) {
  const [runs, setRuns] = useState([]);
  const [problem, setProblem] = useState(null);
  const [tick, setTick] = useState(0);
  useEffect(() => {
    let isGone = false;
    let timer = 0;
    let answers = [];
    async function look() {
      try {
        answers = await Promise.all(ids.map((id, i) => callForRun(`runs/${encodeURIComponent(id)}`, answers[i])));
        if (isGone) return;
        setRuns(answers);
        setProblem(null);
        setTick(old => old + 1);
        if (answers.some(answer => !ENDED.includes(answer.status.phase))) timer = setTimeout(look, 3000);
      } catch (error) {
        setProblem(error);
        timer = setTimeout(look, 3000);
      }
    }

    look();
    return () => { isGone = true; clearTimeout(timer); };
  }, []);
  if (ids.length === 0) return html`<h1>Compare</h1><p>Choose runs in <a href="#/runs">the list</a>.</p>`;
  const lines = field => runs.map(run => ({ runId: encodeURIComponent(run.status.runId), field, name: run.status.runId }));
  const epochs = of => runs.map(run => ({ name: run.status.runId, steps: run.epochs.map(epoch => epoch.step), mean: run.epochs.map(of), width: 1 }));
  const unlike = runs.length === 0 ? [] : Object.keys(runs[0].spec).filter(key => !UNLIKE_ANYWAY.includes(key) && new Set(runs.map(run => JSON.stringify(run.spec[key]))).size > 1);
  return html`
    <div class="head"><h1>${ids.length} runs</h1></div><${Notice} problem=${problem} />
    <${Card} title="Results" wide><${Table} caption="Results of the runs" rows=${runs} keyOf=${run => run.status.runId} empty="One moment …" columns=${[
      { key: 'id', name: 'Run', value: run => run.status.runId, show: run => html`<a href=${`#/runs/${encodeURIComponent(run.status.runId)}`}>${run.status.runId}</a>` },
      { key: 'phase', name: 'Phase', value: run => run.status.phase, show: run => html`<${Phase} phase=${run.status.phase} />` },
      { key: 'accuracy', name: 'Test accuracy', numeric: true, value: run => last(run)?.testAccuracy, show: run => percent(last(run)?.testAccuracy) },
      { key: 'loss', name: 'Test loss', numeric: true, value: run => last(run)?.testLoss, show: run => number(last(run)?.testLoss) },
      { key: 'curvature', name: 'Curvature', numeric: true, value: run => run.final?.curvature, show: run => number(run.final?.curvature) },
      { key: 'gradNorm', name: 'Gradient norm', numeric: true, value: run => run.final?.gradNorm, show: run => number(run.final?.gradNorm) },
      ...unlike.map(key => ({ key, name: key, value: run => run.spec[key], show: run => value(run.spec[key]) })),
    ]} /></${Card}>
    <div class="cards">
      <${Card} title="Loss"><${StepChart} title="Loss" isTitled lines=${lines('loss')} tick=${tick} /></${Card}>
      <${Card} title="Test accuracy"><${Lines} title="Test accuracy" isTitled series=${epochs(epoch => epoch.testAccuracy)} /></${Card}>
      <${Card} title="Learning rate"><${StepChart} title="Learning rate" isTitled lines=${lines('learningRate')} tick=${tick} /></${Card}>
      <${Card} title="Samples per second"><${StepChart} title="Samples per second" isTitled lines=${lines('samplesPerSecond')} tick=${tick} /></${Card}>
    </div>`;
}

const last = run => run.epochs[run.epochs.length - 1];
