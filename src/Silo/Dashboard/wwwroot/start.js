// Starts a run: options as lcnn train has them, or the spec of another run with changes.
import { html, useState } from './htm.js';
import { call } from './api.js';
import { tagsOf } from './tags.js';
import { Dialog, Notice } from './ui.js';

const FIRST = '{\n  "dataset": "digits",\n  "arch": "resnet8-lcnn",\n  "epochs": 5,\n  "workers": 2\n}';
const OWN = ['outputDirectory', 'resumeFrom', 'pauseAfterEpoch'];

/**
 * @param {{ spec?: any, tags?: string[], close: () => void }} given
 */
export function StartRun({ spec, tags, close }) {
  const first = spec ? JSON.stringify(Object.fromEntries(Object.entries(spec).filter(([key]) => !OWN.includes(key))), null, 2) : FIRST;
  const [problem, setProblem] = useState(null);
  async function start(event) {
    event.preventDefault();
    const given = new FormData(event.target);
    try {
      const body = { [spec ? 'spec' : 'options']: JSON.parse(String(given.get('options'))) };
      if (given.get('id')) body.id = given.get('id');
      body.tags = tagsOf(String(given.get('tags')));
      const { runId } = await call('runs', { method: 'POST', body });
      close();
      location.hash = `#/runs/${encodeURIComponent(runId)}`;
    } catch (error) {
      setProblem(error);
    }
  }

  return html`
    <${Dialog} title=${spec ? 'Clone the run' : 'Start a run'} close=${close}>
      <form onSubmit=${start}>
        <label for="run-id">Id, or none for a new one</label><input id="run-id" name="id" autocomplete="off" />
        <label for="run-tags">Tags, with commas between them</label><input id="run-tags" name="tags" autocomplete="off" defaultValue=${(tags ?? []).join(', ')} />
        <label for="run-options">${spec ? 'Its spec, to be changed' : 'Options of lcnn train, in camelCase'}</label>
        <textarea id="run-options" name="options" rows="16" spellcheck="false">${first}</textarea>
        <${Notice} problem=${problem} />
        <button class="main">Start</button>
      </form>
    </${Dialog}>`;
}
