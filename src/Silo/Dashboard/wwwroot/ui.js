// What several pages are made of.
import { html, useEffect, useRef, useState } from './htm.js';
import { NONE } from './format.js';

export const Phase = ({ phase }) => html`<span class=${`phase ${phase}`}>${phase}</span>`;

export const Bar = ({ share, label }) => html`
  <span class="bar" role="progressbar" aria-label=${label} aria-valuemin="0" aria-valuemax="100" aria-valuenow=${Math.round(100 * share)}>
    <span ref=${element => element && (element.style.width = `${100 * share}%`)}></span>
  </span>`;

export const Notice = ({ problem }) => problem && html`<p class="notice" role="alert">${problem.message}</p>`;

export const Tile = ({ name, children, note }) => html`<div class="tile"><dt>${name}</dt><dd>${children}</dd>${note && html`<dd class="note">${note}</dd>`}</div>`;

export const Card = ({ title, wide, children, actions }) => html`
  <section class=${wide ? 'card wide' : 'card'}><div class="head"><h2>${title}</h2>${actions}</div>${children}</section>`;

/** A table that sorts by any column: [{ key, name, value(row), show(row), numeric, isText }]. */
export function Table({ caption, columns, rows, keyOf, first, empty = 'Nothing yet.', descending = true }) {
  const [order, setOrder] = useState({ key: first ?? null, descending });
  const column = columns.find(column => column.key === order.key);
  const sorted = column ? [...rows].sort((one, other) => compare(column.value(one), column.value(other)) * (order.descending ? -1 : 1)) : rows;
  if (rows.length === 0) return html`<p class="empty">${empty}</p>`;
  return html`
    <div class="scroll" tabindex="0" role="region" aria-label=${caption}>
      <table>
        <caption class="unseen">${caption}</caption>
        <thead><tr>${columns.map(column => html`
          <th scope="col" class=${column.numeric ? 'number' : ''} aria-sort=${order.key === column.key ? (order.descending ? 'descending' : 'ascending') : 'none'}>
            ${column.value ? html`<button class="sort" onClick=${() => setOrder({ key: column.key, descending: order.key === column.key ? !order.descending : true })}>
              ${column.name}${order.key === column.key ? (order.descending ? ' ↓' : ' ↑') : ''}</button>` : column.name}
          </th>`)}</tr></thead>
        <tbody>${sorted.map(row => html`<tr key=${keyOf(row)}>${columns.map(column => html`
          <td class=${column.numeric ? 'number' : column.isText ? 'text' : ''}>${column.show ? column.show(row) : column.value(row) ?? NONE}</td>`)}</tr>`)}</tbody>
      </table>
    </div>`;
}

// What has no value comes last, whichever way.
function compare(one, other) {
  const [a, b] = [one ?? -Infinity, other ?? -Infinity].map(value => (Number.isNaN(value) ? -Infinity : value));
  return typeof a === 'string' && typeof b === 'string' ? a.localeCompare(b) : a < b ? -1 : a > b ? 1 : 0;
}

/** Asks before something is done that cannot be undone. */
export function Action({ name, ask, run, danger }) {
  const [state, setState] = useState({ problem: null, isBusy: false });
  async function act() {
    if (ask && !window.confirm(ask)) return;
    setState({ problem: null, isBusy: true });
    try {
      await run();
      setState({ problem: null, isBusy: false });
    } catch (problem) {
      setState({ problem, isBusy: false });
    }
  }

  return html`<button class=${danger ? 'danger' : ''} disabled=${state.isBusy} onClick=${act}>${name}</button><${Notice} problem=${state.problem} />`;
}

/** A window over the page; Escape closes it, and the focus goes back to where it was. */
export function Dialog({ title, close, children }) {
  const element = useRef(null);
  useEffect(() => {
    element.current.showModal();
    const closing = () => close();
    element.current.addEventListener('close', closing);
    return () => element.current?.removeEventListener('close', closing);
  }, []);
  return html`<dialog ref=${element} aria-label=${title}><div class="head"><h2>${title}</h2><button aria-label="Close" onClick=${() => element.current.close()}>×</button></div>${children}</dialog>`;
}

const COLOURS = ['--c0', '--c1', '--c2', '--c3', '--c4', '--c5', '--c6', '--c7'];
const DASHES = [[], [8, 4], [2, 3], [10, 3, 2, 3], [5, 5], [12, 4], [3, 6], [8, 3, 3, 3]];

/** Colour and dash of a line: neither alone is needed to tell it. */
export const lineOf = index => ({ colour: getComputedStyle(document.documentElement).getPropertyValue(COLOURS[index % COLOURS.length]).trim(), dash: DASHES[index % DASHES.length] });

/** Changes when the system goes from light to dark. */
export function useTheme() {
  const query = window.matchMedia('(prefers-color-scheme: dark)');
  const [isDark, setDark] = useState(query.matches);
  useEffect(() => {
    const change = () => setDark(query.matches);
    query.addEventListener('change', change);
    return () => query.removeEventListener('change', change);
  }, []);
  return isDark;
}
