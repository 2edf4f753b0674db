// The API of the silo: JSON over HTTP, problems as errors, events as a stream. Paths are relative, so that a proxy may put a prefix before them.
import { useCallback, useEffect, useRef, useState } from './htm.js';

const ROOT = 'api/v1/';

/** What the silo says went wrong. */
export class Problem extends Error {
  constructor(status, title, detail) {
    super(detail || title || `HTTP ${status}`);
    this.status = status;
  }
}

/**
 * Calls the API; an answer that is no success becomes a Problem.
 * @param {string} path
 * @param {{ method?: string, body?: any, type?: string, signal?: AbortSignal }} [how]
 */
export async function call(path, { method = 'GET', body, type = 'application/json', signal } = {}) {
  let answer;
  try {
    answer = await fetch(ROOT + path, {
      method, signal, credentials: 'same-origin', cache: 'no-cache',
      headers: body === undefined ? {} : { 'Content-Type': type },
      body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Problem(0, 'No silo answers.', 'No silo answers; this page tries again.');
  }

  const text = await answer.text();
  const content = text && answer.headers.get('Content-Type')?.includes('json') ? JSON.parse(text) : null;
  if (!answer.ok) {
    if (answer.status === 401) window.dispatchEvent(new CustomEvent('lcnn-login', { detail: content?.detail }));
    throw new Problem(answer.status, content?.title, content?.detail);
  }

  return content;
}

/** A run with all of its epochs: of those that an older answer has the silo is not asked again. */
export async function callForRun(path, older) {
  const known = older?.epochs ?? [];
  const answer = await call(`${path}?afterEpoch=${known[known.length - 1]?.epoch ?? 0}`);
  return { ...answer, epochs: answer.epochs.length > 0 ? [...known, ...answer.epochs] : known };
}

/** Asks again and again while the page is seen; what was answered last stays when an answer fails to come. */
export function usePolled(path, seconds = 2) {
  const [state, setState] = useState({ content: null, problem: null });
  const again = useRef(() => {});
  useEffect(() => {
    const leaving = new AbortController();
    let timer = 0;
    let last = '';
    setState({ content: null, problem: null });
    async function ask() {
      clearTimeout(timer);
      const began = performance.now();
      let wait = seconds * 1000;
      if (!document.hidden || last === '') {
        try {
          const content = await call(path, { signal: leaving.signal });
          const text = JSON.stringify(content);
          if (text !== last) setState({ content, problem: null });
          else setState(old => (old.problem ? { ...old, problem: null } : old));
          last = text;
          wait = Math.max(wait, 20 * (performance.now() - began)); // a slow answer is not asked for all the time
        } catch (problem) {
          if (leaving.signal.aborted) return;
          setState(old => ({ ...old, problem }));
        }
      }

      if (!leaving.signal.aborted) timer = setTimeout(ask, wait);
    }

    again.current = ask;
    ask();
    return () => { leaving.abort(); clearTimeout(timer); };
  }, [path, seconds]);
  return { ...state, refresh: () => again.current() };
}

/**
 * A function after whose call act is done soon: at once if it rests, and once more after a pause, however often it is called meanwhile.
 * Where act says true it is done again, too.
 * @param {() => any} act
 * @param {() => number} pause milliseconds
 */
export function usePaced(act, pause) {
  const newest = useRef({ act, pause });
  newest.current = { act, pause };
  const pace = useRef({ isBusy: false, isWanted: false, isGone: false });
  useEffect(() => () => { pace.current.isGone = true; }, []);
  return useCallback(() => {
    pace.current.isWanted = true;
    if (!pace.current.isBusy) doAll(pace.current, newest);
  }, []);
}

async function doAll(pace, newest) {
  pace.isBusy = true;
  while (pace.isWanted && !pace.isGone) {
    const began = performance.now();
    pace.isWanted = false;
    pace.isWanted = await newest.current.act() === true || pace.isWanted;
    const took = performance.now() - began;
    await new Promise(done => setTimeout(done, Math.max(newest.current.pause(), Math.min(5000, 5 * took)))); // what takes long is done more rarely
  }

  pace.isBusy = false;
}

/** Follows a log until its end. The browser itself comes back after a loss and says what it has. */
export function useEvents(path, after, take) {
  const [isLost, setLost] = useState(false);
  const taking = useRef(take);
  taking.current = take;
  useEffect(() => {
    if (path === null || after === null) return undefined;
    let [last, source, timer] = [after, null, 0];
    function open() {
      source = new EventSource(`${ROOT}${path}?after=${last}`);
      source.onopen = () => setLost(false);
      source.onmessage = message => {
        const logged = JSON.parse(message.data);
        if (logged.sequence > last) { last = logged.sequence; taking.current(logged); }
      };
      source.addEventListener('end', () => source.close());
      source.onerror = () => {
        setLost(true);
        if (source.readyState === EventSource.CLOSED) timer = setTimeout(open, 1000); // refused for the moment, such as by a proxy without a silo
      };
    }

    open();
    return () => { source.close(); clearTimeout(timer); };
  }, [path, after]);
  return isLost;
}
