// Lines over steps. The silo sends buckets with the smallest and the largest of each, so that no spike is lost; zooming in asks for finer ones, down to single steps.
import { html, useEffect, useMemo, useRef, useState } from './htm.js';
import { call } from './api.js';
import { count, number } from './format.js';
import { moved } from './keys.js';
import { Notice, lineOf, useTheme } from './ui.js';

const HEIGHT = 230;
const ROWS_SHOWN = 200;

/**
 * Steps of runs: lines = [{ runId, field, name }]; tick changes when there are new steps.
 * @param {{ title: string, isTitled?: boolean, lines: any[], tick: number, unit?: string, canBeLog?: boolean }} given
 */
export function StepChart({ title, isTitled, lines, tick, unit, canBeLog = true }) {
  const [range, setRange] = useState(null);
  const [isLog, setLog] = useState(false);
  const [windows, setWindows] = useState([]);
  const [problem, setProblem] = useState(null);
  const [width, setWidth] = useState(0);
  const key = lines.map(line => `${line.runId}/${line.field}`).join();
  useEffect(() => {
    if (width === 0) return undefined;
    const leaving = new AbortController();
    const part = range ? `&from=${range.from}&to=${range.to}` : '';
    const runs = [...new Set(lines.map(line => line.runId))];
    Promise.all(runs.map(runId => call(
      `runs/${runId}/series?points=${Math.min(2000, Math.max(100, Math.round(width)))}&fields=${[...new Set(lines.filter(line => line.runId === runId).map(line => line.field))]}${part}`,
      { signal: leaving.signal })))
      .then(answers => {
        setProblem(null);
        setWindows(lines.map(line => {
          const answer = answers[runs.indexOf(line.runId)];
          return { ...line, width: answer.width, steps: answer.steps, ...answer.columns.find(column => column.field === line.field) };
        }));
      })
      .catch(error => leaving.signal.aborted || setProblem(error));
    return () => leaving.abort();
  }, [key, range?.from, range?.to, width, tick]);
  return html`<${Lines} title=${title} isTitled=${isTitled} series=${windows} unit=${unit} isLog=${isLog} setLog=${canBeLog ? setLog : null} range=${range} setRange=${setRange} setWidth=${setWidth} />
    <${Notice} problem=${problem} />`;
}

/**
 * Lines that the page has already: series = [{ name, steps, mean, minimum?, maximum? }]. Where the card about them is titled so, the title is for those alone who do not see it.
 * @param {{ title: string, isTitled?: boolean, series: any[], unit?: string, x?: string, isLog?: boolean, setLog?: (isLog: boolean) => void, range?: { from: number, to: number },
 *   setRange?: (range: { from: number, to: number }) => void, setWidth?: (width: number) => void }} given
 */
export function Lines({ title, isTitled = false, series, unit = '', x = 'step', isLog = false, setLog = null, range = null, setRange = null, setWidth = () => {} }) {
  const [place, plot, isDark] = [useRef(null), useRef(null), useTheme()];
  const [said, setSaid] = useState('');
  const cursor = useRef(null);
  const table = useMemo(() => joined(series, isLog), [series, isLog]);

  useEffect(() => {
    const watcher = new ResizeObserver(([entry]) => { setWidth(entry.contentRect.width); plot.current?.setSize({ width: entry.contentRect.width, height: HEIGHT }); });
    watcher.observe(place.current);
    return () => watcher.disconnect();
  }, []);

  const shape = series.map(line => `${line.name}${line.width > 1}`).join();
  useEffect(() => {
    if (series.length === 0) return undefined;
    plot.current = new uPlot(options(series, isLog, setRange, place.current.clientWidth), table, place.current);
    return () => { plot.current.destroy(); plot.current = null; };
  }, [shape, isLog, isDark]);
  useEffect(() => { plot.current?.setData(table); }, [table]);

  function move(event) {
    const steps = table[0] ?? [];
    if (steps.length === 0 || !plot.current) return;
    const next = moved(event.key, cursor.current, steps.length);
    if (next === undefined) {
      if (event.key === 'Escape' && setRange) setRange(null);
      else if (event.key === '+' && setRange) zoom(steps, cursor.current ?? steps.length);
      else return;
    } else {
      cursor.current = next;
      plot.current.setCursor({ left: plot.current.valToPos(steps[cursor.current], 'x'), top: 10 });
      setSaid(text(series, steps[cursor.current], x, unit));
    }

    event.preventDefault();
  }

  function zoom(steps, at) {
    const quarter = Math.max(1, Math.round((steps[steps.length - 1] - steps[0]) / 4));
    const middle = steps[Math.min(at, steps.length - 1)];
    setRange({ from: Math.max(1, middle - quarter), to: middle + quarter });
  }

  const rows = table[0] ?? [];
  const legend = html`<ul class="legend">${series.map((line, i) => html`<li><${Swatch} index=${i} /> ${line.name}</li>`)}</ul>`;
  return html`
    <figure class="chart" aria-label=${title}>
      <figcaption><span class=${isTitled ? 'unseen' : ''}>${title}</span>${isTitled && legend}
        <span class="tools">
          ${range && html`<span>steps ${count(range.from)} to ${count(range.to)}</span> <button onClick=${() => setRange(null)}>Whole</button>`}
          ${setLog && html`<label><input type="checkbox" checked=${isLog} onChange=${event => setLog(event.target.checked)} /> log</label>`}
        </span>
      </figcaption>
      ${!isTitled && legend}
      <div class="plot" ref=${place} tabindex="0" role="application" aria-roledescription="chart" aria-label=${`${title}: arrow keys move along the ${x}s${setRange ? ', plus zooms in, Escape shows the whole' : ''}`} onKeyDown=${move}></div>
      <p class="said" aria-live="polite">${said || (rows.length === 0 ? 'Nothing yet.' : '')}</p>
      <details><summary>Table</summary><${FigureTable} title=${title} series=${series} rows=${rows} x=${x} /></details>
    </figure>`;
}

function Swatch({ index }) {
  useTheme();
  const { colour, dash } = lineOf(index);
  return html`<svg class="swatch" viewBox="0 0 24 6" width="24" height="6" aria-hidden="true"><line x1="0" y1="3" x2="24" y2="3" stroke=${colour} stroke-width="3" stroke-dasharray=${dash.join(' ')} /></svg>`;
}

function FigureTable({ title, series, rows, x }) {
  const every = Math.max(1, Math.ceil(rows.length / ROWS_SHOWN));
  const places = series.map(line => new Map(line.steps.map((step, i) => [step, i])));
  return html`<div class="scroll short" tabindex="0" role="region" aria-label=${`${title}, as a table`}><table>
    <caption class="unseen">${title}</caption>
    <thead><tr><th scope="col" class="number">${x}</th>${series.map(line => html`<th scope="col" class="number">${line.name}</th>`)}</tr></thead>
    <tbody>${rows.filter((_, i) => i % every === 0).map(step => html`<tr key=${step}><td class="number">${count(step)}</td>${series.map((line, i) => {
      const at = places[i].get(step);
      return html`<td class="number">${at === undefined ? '' : line.width > 1 ? `${number(line.minimum[at])} … ${number(line.maximum[at])}` : number(line.mean[at])}</td>`;
    })}</tr>`)}</tbody>
  </table></div>`;
}

function text(series, step, x, unit) {
  const parts = series.map(line => [line, line.steps.indexOf(step)]).filter(([, at]) => at >= 0)
    .map(([line, at]) => (line.width > 1 ? `${line.name} ${number(line.minimum[at])} to ${number(line.maximum[at])}${unit}` : `${line.name} ${number(line.mean[at])}${unit}`));
  return `${x} ${count(step)}: ${parts.join(', ')}`;
}

// uPlot wants one x for all. A log axis has no place for what is not above 0.
function joined(series, isLog) {
  const clean = values => (values ? values.map(value => (value === null || (isLog && !(value > 0)) ? null : value)) : null);
  const tables = series.map(line => (line.width > 1 ? [line.steps, clean(line.mean), clean(line.minimum), clean(line.maximum)] : [line.steps, clean(line.mean)]));
  return tables.length === 0 ? [[]] : uPlot.join(tables);
}

function options(series, isLog, setRange, width) {
  const styles = getComputedStyle(document.documentElement);
  const [ink, grid] = [styles.getPropertyValue('--ink').trim(), styles.getPropertyValue('--line').trim()];
  const [columns, bands] = [[{}], []];
  for (const [i, line] of series.entries()) {
    const { colour, dash } = lineOf(i);
    columns.push({ label: line.name, stroke: colour, width: 2, dash, points: { show: false }, spanGaps: true });
    if (line.width > 1) {
      const edge = { stroke: colour, width: 0.5, points: { show: false }, spanGaps: true };
      columns.push(edge, { ...edge });
      bands.push({ series: [columns.length - 1, columns.length - 2], fill: `${colour}33` });
    }
  }

  const axis = { stroke: ink, grid: { stroke: grid, width: 1 }, ticks: { stroke: grid, width: 1 }, font: '12px system-ui' };
  return {
    width, height: HEIGHT, series: columns, bands, legend: { show: false },
    cursor: { drag: { x: setRange !== null, y: false, setScale: false } },
    scales: { x: { time: false }, y: isLog ? { distr: 3 } : {} },
    axes: [{ ...axis, size: 36, space: (_, axisIndex, smallest, largest) => 30 + 8 * count(largest).length, values: (_, ticks) => ticks.map(tick => (Number.isInteger(tick) ? count(tick) : '')) }, { ...axis, size: 64, values: (_, ticks) => ticks.map(tick => (tick === null ? '' : number(tick))) }],
    hooks: {
      setSelect: [plot => {
        if (setRange && plot.select.width > 3) {
          const [from, to] = [plot.posToVal(plot.select.left, 'x'), plot.posToVal(plot.select.left + plot.select.width, 'x')];
          setRange({ from: Math.max(1, Math.floor(from)), to: Math.max(1, Math.ceil(to)) });
          plot.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
        }
      }],
    },
  };
}
