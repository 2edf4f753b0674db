// All runs: what each does, how far it is, and how good; to sort, to search, to choose some and compare them.
import { html, useMemo, useState } from './htm.js';
import { usePolled } from './api.js';
import { ENDED, NONE, ago, count, number, percent } from './format.js';
import { Bar, Card, Notice, Phase, Table } from './ui.js';
import { StartRun } from './start.js';
import { Tags } from './tags.js';

const PHASES = ['', 'training', 'waiting', 'starting', 'recovering', 'stopping', 'completed', 'failed', 'cancelled'];

export function Runs({ mayOperate }) {
  const [filter, setFilter] = useState({ search: '', phase: '', tag: '', trials: false });
  const [chosen, setChosen] = useState([]);
  const [isStarting, setStarting] = useState(false);
  const { content, problem, refresh } = usePolled('runs?limit=1000');
  const runs = useMemo(() => (content?.runs ?? []).filter(item => isWanted(item.run, filter)), [content, filter]);
  const tags = useMemo(() => [...new Set((content?.runs ?? []).flatMap(item => item.run.tags ?? []))].sort(), [content]);
  const pick = tag => setFilter({ ...filter, tag });
  const choose = id => setChosen(chosen.includes(id) ? chosen.filter(other => other !== id) : [...chosen, id]);
  return html`
    <div class="head"><h1>Runs</h1>
      ${chosen.length > 0 && html`<a class="button" href=${`#/compare/${chosen.map(encodeURIComponent).join(',')}`}>Compare ${chosen.length}</a> <button onClick=${() => setChosen([])}>None</button>`}
      ${mayOperate && html`<button class="main" onClick=${() => setStarting(true)}>Start a run</button>`}
    </div>
    <${Notice} problem=${problem} />
    <form class="filter" role="search" onSubmit=${event => event.preventDefault()}>
      <label>Search <input type="search" value=${filter.search} onInput=${event => setFilter({ ...filter, search: event.target.value })} /></label>
      <label>Phase <select value=${filter.phase} onChange=${event => setFilter({ ...filter, phase: event.target.value })}>${PHASES.map(phase => html`<option value=${phase}>${phase || 'any'}</option>`)}</select></label>
      ${(tags.length > 0 || filter.tag) && html`<label>Tag <select value=${filter.tag} onChange=${event => pick(event.target.value)}>${[...new Set(['', filter.tag, ...tags])].map(tag => html`<option value=${tag}>${tag || 'any'}</option>`)}</select></label>`}
      <label><input type="checkbox" checked=${filter.trials} onChange=${event => setFilter({ ...filter, trials: event.target.checked })} /> trials of sweeps, too</label>
      <span class="count">${count(runs.length)} of ${count(content?.total)}</span>
    </form>
    <${Card} title="List" wide>
      <${RunTable} runs=${runs} tag=${filter.tag} pick=${pick} chosen=${chosen} choose=${choose} isLoading=${content === null && problem === null} />
    </${Card}>
    ${isStarting && html`<${StartRun} close=${() => { setStarting(false); refresh(); }} />`}`;
}

function isWanted(run, { search, phase, tag, trials }) {
  const text = `${run.runId} ${run.dataset} ${run.architecture} ${run.outputDirectory}`.toLowerCase();
  return (trials || run.sweepId === null) && (phase === '' || run.phase === phase) && (tag === '' || run.tags?.includes(tag)) && text.includes(search.toLowerCase());
}

function RunTable({ runs, tag, pick, chosen, choose, isLoading }) {
  const accuracy = item => item.newest?.testAccuracy ?? item.run.summary?.testAccuracy;
  return html`<${Table} caption="Runs" rows=${runs} keyOf=${item => item.run.runId} first="time" empty=${isLoading ? 'One moment …' : 'No run fits.'} columns=${[
    { key: 'choose', name: 'Compare', show: item => html`<input type="checkbox" aria-label=${`compare ${item.run.runId}`} checked=${chosen.includes(item.run.runId)} onChange=${() => choose(item.run.runId)} />` },
    { key: 'id', name: 'Run', value: item => item.run.runId, show: item => html`<a href=${`#/runs/${encodeURIComponent(item.run.runId)}`}>${item.run.runId}</a>` },
    { key: 'phase', name: 'Phase', value: item => item.run.phase, show: item => html`<${Phase} phase=${item.run.phase} />` },
    ...(runs.some(item => item.run.tags) ? [{ key: 'tags', name: 'Tags', value: item => (item.run.tags ?? []).join(), show: item => html`<${Tags} tags=${item.run.tags} chosen=${tag} pick=${pick} />` }] : []),
    { key: 'progress', name: 'Progress', value: share, show: item => (ENDED.includes(item.run.phase) ? `${count(item.run.summary?.epochs)} epochs` : html`<${Bar} share=${share(item)} label=${`progress of ${item.run.runId}`} />${item.status?.totalSteps ? ` ${count(item.status.step)}/${count(item.status.totalSteps)}` : ''}`) },
    { key: 'accuracy', name: 'Test accuracy', numeric: true, value: accuracy, show: item => percent(accuracy(item)) },
    { key: 'curvature', name: 'Curvature', numeric: true, value: item => item.run.summary?.curvature, show: item => number(item.run.summary?.curvature) },
    { key: 'network', name: 'Network', value: item => item.run.architecture },
    { key: 'dataset', name: 'Data', value: item => item.run.dataset },
    { key: 'workers', name: 'Workers', numeric: true, value: item => item.run.workers },
    ...(runs.some(item => item.run.sweepId) ? [{ key: 'sweep', name: 'Sweep', value: item => item.run.sweepId, show: item => (item.run.sweepId ? html`<a href=${`#/sweeps/${encodeURIComponent(item.run.sweepId)}`}>${item.run.sweepId}</a>` : NONE) }] : []),
    { key: 'time', name: 'Submitted', value: item => item.run.submittedAt, show: item => html`<time datetime=${item.run.submittedAt}>${ago(item.run.submittedAt)}</time>` },
  ]} />`;
}

const share = item => (item.status?.totalSteps ? item.status.step / item.status.totalSteps : ENDED.includes(item.run.phase) ? 1 : 0);
