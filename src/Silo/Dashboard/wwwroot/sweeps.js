// All sweeps, and a way to start one.
import { html, useState } from './htm.js';
import { call, usePolled } from './api.js';
import { ago, count } from './format.js';
import { Card, Dialog, Notice, Phase, Table } from './ui.js';

const FIRST = 'base:\n  dataset: digits\n  epochs: 2\nparameters:\n  lr: {logRange: [0.01, 0.3]}\nsampler: random\nmaxTrials: 8\nmaxConcurrent: 2\n';

export function Sweeps({ mayOperate }) {
  const { content, problem, refresh } = usePolled('sweeps?limit=1000');
  const [isStarting, setStarting] = useState(false);
  return html`
    <div class="head"><h1>Sweeps</h1>${mayOperate && html`<button class="main" onClick=${() => setStarting(true)}>Start a sweep</button>`}</div>
    <${Notice} problem=${problem} />
    <${Card} title="List" wide><${Table} caption="Sweeps" rows=${content?.sweeps ?? []} keyOf=${sweep => sweep.sweepId} first="time" empty=${content ? 'No sweep yet.' : 'One moment …'} columns=${[
      { key: 'id', name: 'Sweep', value: sweep => sweep.sweepId, show: sweep => html`<a href=${`#/sweeps/${encodeURIComponent(sweep.sweepId)}`}>${sweep.name || sweep.sweepId}</a>` },
      { key: 'phase', name: 'Phase', value: sweep => sweep.phase, show: sweep => html`<${Phase} phase=${sweep.phase} />` },
      { key: 'trials', name: 'Trials', numeric: true, value: sweep => sweep.trials, show: sweep => count(sweep.trials) },
      { key: 'sampler', name: 'Sampler', value: sweep => sweep.sampler },
      { key: 'scheduler', name: 'Scheduler', value: sweep => sweep.scheduler },
      { key: 'time', name: 'Submitted', value: sweep => sweep.submittedAt, show: sweep => html`<time datetime=${sweep.submittedAt}>${ago(sweep.submittedAt)}</time>` },
    ]} /></${Card}>
    ${isStarting && html`<${StartSweep} close=${() => { setStarting(false); refresh(); }} />`}`;
}

function StartSweep({ close }) {
  const [problem, setProblem] = useState(null);
  async function start(event) {
    event.preventDefault();
    try {
      const { sweepId } = await call('sweeps', { method: 'POST', type: 'application/yaml', body: String(new FormData(event.target).get('file')) });
      close();
      location.hash = `#/sweeps/${encodeURIComponent(sweepId)}`;
    } catch (error) {
      setProblem(error);
    }
  }

  return html`
    <${Dialog} title="Start a sweep" close=${close}>
      <form onSubmit=${start}>
        <label for="sweep-file">Its file, YAML or JSON</label>
        <textarea id="sweep-file" name="file" rows="16" spellcheck="false">${FIRST}</textarea>
        <${Notice} problem=${problem} />
        <button class="main">Start</button>
      </form>
    </${Dialog}>`;
}
