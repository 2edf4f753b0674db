// The page: which part of it is seen follows from the address behind '#', so that every part has a link of its own.
import { html, render, useEffect, useState } from './htm.js';
import { call } from './api.js';
import { Login } from './login.js';
import { Runs } from './runs.js';
import { Run } from './run.js';
import { Compare } from './compare.js';
import { Sweeps } from './sweeps.js';
import { Sweep } from './sweep.js';
import { Silos } from './silos.js';

const PARTS = [['runs', 'Runs'], ['sweeps', 'Sweeps'], ['silos', 'Silos']];

function useRoute() {
  const read = () => location.hash.replace(/^#\/?/, '').split('/').map(decodeURIComponent);
  const [route, setRoute] = useState(read());
  useEffect(() => {
    const change = () => { setRoute(read()); document.getElementById('main')?.focus({ preventScroll: true }); };
    window.addEventListener('hashchange', change);
    return () => window.removeEventListener('hashchange', change);
  }, []);
  return route;
}

function App() {
  const [part, id] = useRoute();
  const [session, setSession] = useState(null);
  const look = () => call('session').then(setSession, problem => setSession({ role: 'none', problem: problem.message }));
  useEffect(() => { look(); }, []);
  useEffect(() => {
    const login = () => setSession(old => (old && old.role !== 'none' ? { role: 'none', problem: 'the login has ended' } : old));
    window.addEventListener('lcnn-login', login);
    return () => window.removeEventListener('lcnn-login', login);
  }, []);
  useEffect(() => { document.title = `${id || part || 'runs'} – Lcnn.Distributed`; }, [part, id]);
  if (session === null) return html`<main id="main" class="login"><p>One moment …</p></main>`;
  if (session.role === 'none') return html`<${Login} reason=${session.problem} done=${look} />`;
  const mayOperate = session.role !== 'view';
  return html`
    <header class="top"><strong>Lcnn.Distributed</strong>
      <nav aria-label="Parts">${PARTS.map(([key, name]) => html`<a href=${`#/${key}`} aria-current=${(part || 'runs') === key ? 'page' : null}>${name}</a>`)}</nav>
      <span class="role">${session.role}</span>
      <button onClick=${() => call('session', { method: 'DELETE' }).then(look)}>Log out</button>
    </header>
    <main id="main" tabindex="-1">${page(part, id, mayOperate)}</main>`;
}

function page(part, id, mayOperate) {
  switch (part) {
    case 'runs': return id ? html`<${Run} key=${id} id=${id} mayOperate=${mayOperate} />` : html`<${Runs} mayOperate=${mayOperate} />`;
    case 'compare': return html`<${Compare} key=${id} ids=${(id ?? '').split(',').filter(Boolean)} />`;
    case 'sweeps': return id ? html`<${Sweep} key=${id} id=${id} mayOperate=${mayOperate} />` : html`<${Sweeps} mayOperate=${mayOperate} />`;
    case 'silos': return html`<${Silos} />`;
    default: return html`<${Runs} mayOperate=${mayOperate} />`;
  }
}

render(html`<${App} />`, document.getElementById('app'));
