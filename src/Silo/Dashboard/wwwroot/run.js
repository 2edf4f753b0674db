// One run: its charts grow while it trains, and what happened to it is told beside them.
import { html, useEffect, useMemo, useRef, useState } from './htm.js';
import { call, callForRun, useEvents, usePaced, usePolled } from './api.js';
import { ENDED, NONE, bytes, count, duration, number, percent, time } from './format.js';
import { Action, Bar, Card, Notice, Phase, Table, Tile } from './ui.js';
import { Lines, StepChart } from './chart.js';
import { Ranks } from './ranks.js';
import { StartRun } from './start.js';
import { EditTags, Tags } from './tags.js';

export function Run({ id, mayOperate }) {
  const path = `runs/${encodeURIComponent(id)}`;
  const run = useRun(path);
  const [isCloning, setCloning] = useState(false);
  const [isTagging, setTagging] = useState(false);
  if (!run.answer) return html`<h1>${id}</h1><${Notice} problem=${run.problem} />${!run.problem && html`<p>One moment …</p>`}`;
  const { status, spec } = run.answer;
  const isOver = ENDED.includes(status.phase);
  return html`
    <div class="head"><h1>${id}</h1><${Phase} phase=${status.phase} />
      ${mayOperate && !isOver && html`<${Action} name="Cancel" danger ask=${`Stop ${id} after its current step? It keeps a snapshot.`} run=${() => call(`${path}/cancel`, { method: 'POST' }).then(run.look)} />`}
      ${mayOperate && isOver && html`<${Action} name="Resume" run=${async () => { location.hash = `#/runs/${(await call(`${path}/resume`, { method: 'POST' })).runId}`; }} />`}
      ${mayOperate && html`<button onClick=${() => setTagging(true)}>Tags …</button> <button onClick=${() => setCloning(true)}>Clone …</button>`}
    </div>
    ${status.tags && html`<p><${Tags} tags=${status.tags} /></p>`}
    <${Notice} problem=${run.problem} />
    ${run.answer.final && (run.answer.final.error ?? run.answer.final.reason) && html`<p class="notice">${run.answer.final.error ?? run.answer.final.reason}</p>`}
    ${run.isLost && html`<p class="notice" role="status">The connection is lost; the page goes on as soon as a silo answers.</p>`}
    ${status.waiting && html`<p class="notice waits" role="status">${status.waiting}.</p>`}
    <${Tiles} run=${run} isOver=${isOver} />
    <${Charts} id=${id} epochs=${run.answer.epochs} terms=${termsOf(run)} tick=${run.tick} />
    <${Ranks} path=${path} final=${run.answer.final} places=${placesOf(run.history)} />
    <${Robustness} found=${run.answer.final?.robustness} />
    <${Happenings} events=${run.history} />
    <${Snapshots} path=${path} />
    <${Card} title="Spec" wide><details><summary>Everything it was asked for</summary><pre tabindex="0">${JSON.stringify(spec, null, 2)}</pre></details></${Card}>
    ${isCloning && html`<${StartRun} spec=${spec} tags=${status.tags} close=${() => setCloning(false)} />`}
    ${isTagging && html`<${EditTags} path=${path} tags=${status.tags} close=${() => { setTagging(false); run.look(); }} />`}`;
}

const PROGRESS = ['evaluation', 'curvature', 'robustness', 'download'];

// Milliseconds until the charts of a run so many seconds old ask again: those of an old one move by less than a pixel in a few seconds.
const pauseAfter = seconds => Math.min(10000, Math.max(2000, seconds * 1000 / 300)) || 2000;

// What the run is, and the events since: they say only that there is more of it, which the page then asks for. However short its epochs are, it asks no more often.
function useRun(path) {
  const [state, setState] = useState({ answer: null, history: [], problem: null });
  const [after, setAfter] = useState(null);
  const [newest, setNewest] = useState(null);
  const [tick, setTick] = useState(0);
  const [known, logged] = [useRef(state), useRef(null)];
  const show = next => { known.current = next; setState(next); };
  const look = usePaced(async () => {
    const { answer: older, history } = known.current;
    try {
      const [answer, more] = await Promise.all([callForRun(path, older), call(`${path}/history?after=${history[history.length - 1]?.sequence ?? 0}`)]);
      show({ answer, history: [...history, ...more.events], problem: null });
      setAfter(old => old ?? answer.status.lastSequence);
      return false;
    } catch (problem) {
      show({ ...known.current, problem });
      return problem.status === 0 || problem.status >= 500;
    }
  }, () => 1000);
  useEffect(() => { look(); }, [look]);
  const { status, spec } = state.answer ?? {};
  const isUnderWay = status && !ENDED.includes(status.phase) && status.phase !== 'training';
  useEffect(() => {
    const timer = isUnderWay ? setInterval(look, 5000) : 0; // no event tells that others have left the queue
    return () => clearInterval(timer);
  }, [isUnderWay, look]);
  const stage = status && `${status.phase} ${status.generation}`;
  const drawn = useRef(stage);
  useEffect(() => {
    if (drawn.current && drawn.current !== stage) setTick(old => old + 1); // the last steps of what has ended
    drawn.current = stage;
  }, [stage]);
  const tell = usePaced(() => setNewest(logged.current), () => 500);
  const draw = usePaced(() => setTick(old => old + 1), () => pauseAfter(logged.current.step * (spec?.batchSize ?? 1) / logged.current.samplesPerSecond));
  const isLost = useEvents(after === null ? null : `${path}/events`, after, event => {
    if (event.event === 'step') {
      logged.current = event;
      tell();
      draw();
    } else if (!PROGRESS.includes(event.event)) {
      look();
    }
  });
  const answer = newest?.step > status?.step ? { ...state.answer, status: { ...status, step: newest.step } } : state.answer;
  return { ...state, answer, look, isLost, newest, tick };
}

function Tiles({ run, isOver }) {
  const { status, spec, epochs, final } = run.answer;
  const started = run.history.find(logged => logged.event === 'started');
  const last = epochs[epochs.length - 1];
  const rate = run.newest?.samplesPerSecond;
  const left = !isOver && rate ? (status.totalSteps - status.step) * spec.batchSize / rate : null;
  return html`<dl class="tiles">
    <${Tile} name="Step" note=${isOver ? null : html`<${Bar} share=${status.totalSteps ? status.step / status.totalSteps : 0} label="progress" />`}>${status.totalSteps ? `${count(status.step)} of ${count(status.totalSteps)}` : NONE}</${Tile}>
    ${!isOver && html`<${Tile} name="Left" note=${rate ? `${number(rate)} samples/s` : ''}>${duration(left)}</${Tile}>`}
    <${Tile} name="Test accuracy" note=${last ? `epoch ${count(last.epoch)} of ${count(spec.epochs)}` : 'no epoch yet'}>${percent(last?.testAccuracy)}</${Tile}>
    <${Tile} name="Loss" note=${`${spec.loss}${spec.method ? `, method ${spec.method}` : ''}`}>${number(run.newest?.loss ?? last?.trainLoss)}</${Tile}>
    ${final?.curvature && html`<${Tile} name="Curvature" note=${`mean over ${count(final.curvatureSamples)} test samples`}>${number(final.curvature)}</${Tile}>`}
    <${Tile} name="Network" note=${started ? `${count(started.parameterCount)} parameters` : ''}>${spec.architecture}</${Tile}>
    <${Tile} name="Data" note=${started ? `${count(started.trainSamples)} samples` : ''}>${spec.dataset}</${Tile}>
    <${Tile} name="Workers" note=${`${spec.logicalShards} shards, generation ${status.generation}`}>${status.workers || spec.workers}</${Tile}>
  </dl>`;
}

// Where the ranks of the newest generation are.
const placesOf = history => [...history].reverse().find(logged => logged.ranks && (logged.event === 'started' || logged.event === 'generation'))?.ranks ?? [];

const TERMS = { betaTerm: 'beta term', gammaTerm: 'gamma term', gradientNorm: 'gradient norm' };

// Those of the loss that the run has.
const termsOf = run => Object.keys(TERMS).filter(term => run.newest?.lossTerms?.[term] ?? run.answer.epochs[0]?.lossTerms?.[term]).join();

// They are drawn anew where there is something new in them, which is less often than the page has something to tell.
function Charts({ id, epochs, terms, tick }) {
  return useMemo(() => html`<div class="cards">${charts(id, epochs, terms, tick)}</div>`, [epochs, terms, tick]);
}

function charts(id, epochs, terms, tick) {
  const line = (field, name) => ({ runId: encodeURIComponent(id), field, name });
  const steps = (title, lines) => html`<${Card} title=${title}><${StepChart} title=${title} isTitled lines=${lines} tick=${tick} /></${Card}>`;
  const at = (name, of) => ({ name, steps: epochs.map(epoch => epoch.step), mean: epochs.map(of), width: 1 });
  return html`
    ${steps('Loss', [line('loss', 'loss'), line('crossEntropy', 'cross-entropy')])}
    <${Card} title="Accuracy"><${Lines} title="Accuracy" isTitled series=${[at('test', epoch => epoch.testAccuracy), at('train', epoch => epoch.trainAccuracy)]} /></${Card}>
    ${terms && steps('Terms of the loss', terms.split(',').map(field => line(field, TERMS[field])))}
    ${epochs.some(epoch => epoch.beta) && html`<${Card} title="Beta and gamma over the layers"><${Lines} title="Beta and gamma, smallest and largest" isTitled series=${[
      at('beta, smallest', epoch => epoch.beta?.minimum ?? null), at('beta, largest', epoch => epoch.beta?.maximum ?? null),
      ...(epochs.some(epoch => epoch.gamma) ? [at('gamma, smallest', epoch => epoch.gamma?.minimum ?? null), at('gamma, largest', epoch => epoch.gamma?.maximum ?? null)] : [])]} /></${Card}>`}
    ${steps('Learning rate', [line('learningRate', 'learning rate')])}
    ${steps('Samples per second', [line('samplesPerSecond', 'samples/s')])}`;
}

// What stands attacks, and what is certain, by the size of the change.
function Robustness({ found }) {
  const { attacks, certificate } = found ?? {};
  const columns = [...(attacks?.results ?? []).map(result => [result.attack, result.at.map(at => at.robustAccuracy)]), ...(certificate ? [['certified', certificate.at.map(at => at.accuracy)]] : [])];
  if (columns.length === 0) return null;
  const rows = (attacks?.results[0]?.at ?? certificate.at).map((at, place) => ({ epsilon: at.epsilon, place }));
  return html`<${Card} title="How robust it is" wide><${Table} caption=${`Accuracy within epsilon, ${attacks?.norm ?? 'l2'}`} rows=${rows} keyOf=${row => row.epsilon} columns=${[
    { key: 'epsilon', name: 'Epsilon', numeric: true, value: row => row.epsilon },
    ...columns.map(([name, values]) => ({ key: name, name, numeric: true, value: row => values[row.place], show: row => percent(values[row.place]) })),
  ]} /></${Card}>`;
}

const WORDS = { started: 'training began', generation: 'other workers', epoch: 'epoch', snapshot: 'snapshot', warning: 'warning', waiting: 'waits', setAside: 'went back', completed: 'completed', failed: 'failed', cancelled: 'cancelled' };

const SAID = 20;

function Happenings({ events }) {
  const [isWhole, setWhole] = useState(false);
  const said = useMemo(() => [...events].reverse(), [events]);
  const button = said.length > SAID && html`<button onClick=${() => setWhole(!isWhole)}>${isWhole ? `The newest ${SAID}` : `All ${count(said.length)}`}</button>`;
  return html`<${Card} title="What happened" wide actions=${button}><${Table} caption="What happened to the run, newest first" rows=${isWhole ? said : said.slice(0, SAID)} keyOf=${logged => logged.sequence} columns=${[
    { key: 'time', name: 'Time', value: logged => logged.sequence, show: logged => html`<time datetime=${logged.time}>${time(logged.time)}</time>` },
    { key: 'what', name: 'What', value: logged => logged.event, show: logged => WORDS[logged.event] ?? logged.event },
    { key: 'text', name: 'More', isText: true, show: logged => sentence(logged) },
  ]} /></${Card}>`;
}

function sentence(logged) {
  switch (logged.event) {
    case 'epoch': return `${logged.epoch}: loss ${number(logged.trainLoss)}, train ${percent(logged.trainAccuracy)}, test ${percent(logged.testAccuracy)}`;
    case 'snapshot': return `step ${count(logged.step)}, weights ${logged.weightsSha256.slice(0, 12)}`;
    case 'started': return `${logged.ranks.length} workers on ${[...new Set(logged.ranks.map(rank => rank.silo))].join(', ')}${logged.resumedAtStep ? `, from step ${count(logged.resumedAtStep)}` : ''}`;
    case 'generation': return `${logged.reason}; from step ${count(logged.fromStep)}, ${count(logged.replayedSteps)} steps again, ${logged.ranks.length} workers`;
    case 'completed': return `test ${percent(logged.testAccuracy)}, weights ${logged.weightsSha256.slice(0, 12)}`;
    default: return logged.message ?? logged.reason ?? logged.error ?? '';
  }
}

function Snapshots({ path }) {
  const { content } = usePolled(`${path}/snapshots`, 5);
  return html`<${Card} title="Snapshots" wide><${Table} caption="Snapshots, newest first" rows=${content?.snapshots ?? []} keyOf=${snapshot => snapshot.name} empty="None yet." columns=${[
    { key: 'name', name: 'Snapshot', value: snapshot => snapshot.name },
    { key: 'step', name: 'Step', numeric: true, value: snapshot => snapshot.step, show: snapshot => count(snapshot.step) },
    { key: 'files', name: 'Files', isText: true, show: snapshot => (snapshot.damage ? snapshot.damage : snapshot.files.map(file => html`<a download href=${`api/v1/${path}/snapshots/${snapshot.name}/${file.name}`}>${file.name}</a> (${bytes(file.length)}) `)) },
  ]} /></${Card}>`;
}
