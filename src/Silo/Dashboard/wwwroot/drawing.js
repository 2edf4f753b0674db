// Drawings of points by ECharts. Whoever has no mouse goes from point to point with the arrow keys, hears what each is, and picks it with Enter.
import { html, useEffect, useRef, useState } from './htm.js';
import { moved } from './keys.js';
import { useTheme } from './ui.js';

let loading = null;
const echarts = () => loading ??= new Promise((resolve, reject) => {
  const script = document.createElement('script');
  script.src = 'assets/echarts.min.js'; // large, and for these drawings alone
  script.onload = () => resolve(window.echarts);
  script.onerror = () => reject(new Error('assets/echarts.min.js did not come'));
  document.head.append(script);
});

/** How an axis looks in the theme at hand, with what is its own. */
export const axis = ({ ink, line }, own = {}) => ({
  scale: true, splitLine: { lineStyle: { color: line } }, axisLine: { lineStyle: { color: line } }, nameTextStyle: { color: ink }, ...own, axisLabel: { color: ink, hideOverlap: true, ...own.axisLabel },
});

/** points = [{ id, text }], those of the option's first series in order, each with its id as name; option(theme) is made anew with new points. Lines have no one place for a tip. */
export function Drawing({ title, option, points, pick, note, isOfLines = false }) {
  const [place, chart, isDark] = [useRef(null), useRef(null), useTheme()];
  const [said, setSaid] = useState('');
  const at = useRef(null);
  const shape = JSON.stringify([title, points]);
  useEffect(() => {
    let isGone = false;
    const watcher = new ResizeObserver(() => chart.current?.resize());
    echarts().then(library => {
      if (isGone || points.length === 0) return;
      chart.current ??= library.init(place.current, null, { renderer: 'canvas' });
      chart.current.setOption({ animation: false, tooltip: tooltip(points), ...option(theme()) }, true);
      chart.current.off('click');
      chart.current.on('click', ({ name }) => pick(Number(name)));
      watcher.observe(place.current);
    });
    return () => { isGone = true; watcher.disconnect(); };
  }, [shape, isDark]);
  useEffect(() => () => chart.current?.dispose(), []);

  function show(index) {
    chart.current?.dispatchAction({ type: 'downplay', seriesIndex: 0 });
    chart.current?.dispatchAction(index === null ? { type: 'hideTip' } : { type: 'highlight', seriesIndex: 0, dataIndex: index });
    if (index !== null && !isOfLines) chart.current?.dispatchAction({ type: 'showTip', seriesIndex: 0, dataIndex: index });
    at.current = index;
    setSaid(index === null ? '' : points[index].text);
  }

  function press(event) {
    const chosen = at.current === null ? undefined : points[at.current];
    const next = moved(event.key, at.current, points.length);
    if (next !== undefined) show(next);
    else if (event.key === 'Enter' && chosen) pick(chosen.id);
    else if (event.key === 'Escape' && chosen) show(null);
    else return;
    event.preventDefault();
  }

  return html`
    <figure class="chart" aria-label=${title}>
      <figcaption>${title}</figcaption>
      <div class="drawing" ref=${place} tabindex="0" role="application" aria-roledescription="chart" onKeyDown=${press} onBlur=${() => at.current !== null && show(null)}
        aria-label=${`${title}: arrow keys go from trial to trial${note ? `, ${note}` : ''}, Enter picks one; the table of trials has the same figures`}></div>
      <p class="said" aria-live="polite">${said}</p>
    </figure>`;
}

function theme() {
  const styles = getComputedStyle(document.documentElement);
  const of = name => styles.getPropertyValue(name).trim();
  return { ink: of('--ink'), line: of('--line'), paper: of('--card'), colours: [of('--c0'), of('--c1')] };
}

// Drawn on the canvas: a tip of HTML would bring styles that the page's policy refuses.
function tooltip(points) {
  const texts = new Map(points.map(point => [String(point.id), point.text]));
  const { ink, paper, line } = theme();
  return { renderMode: 'richText', confine: true, backgroundColor: paper, borderColor: line, textStyle: { color: ink }, formatter: ({ name }) => (texts.get(name) ?? '').split(', ').join('\n') };
}
