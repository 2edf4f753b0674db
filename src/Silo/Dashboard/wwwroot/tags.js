// Words that people put on runs to find them again.
import { html, useState } from './htm.js';
import { call } from './api.js';
import { Dialog, Notice } from './ui.js';

/** What was typed between commas. */
export const tagsOf = text => text.split(',').map(tag => tag.trim()).filter(Boolean);

/**
 * @param {{ tags?: string[], chosen?: string, pick?: (tag: string) => void }} given
 */
export const Tags = ({ tags, chosen, pick }) => html`<span class="tags">${(tags ?? []).map(tag => (pick
  ? html`<button class="tag" aria-pressed=${tag === chosen} title=${`Runs with the tag ${tag}`} onClick=${() => pick(tag === chosen ? '' : tag)}>${tag}</button>`
  : html`<span class="tag">${tag}</span>`))}</span>`;

export function EditTags({ path, tags, close }) {
  const [problem, setProblem] = useState(null);
  async function save(event) {
    event.preventDefault();
    try {
      await call(`${path}/tags`, { method: 'PUT', body: { tags: tagsOf(String(new FormData(event.target).get('tags'))) } });
      close();
    } catch (error) {
      setProblem(error);
    }
  }

  return html`
    <${Dialog} title="Tags" close=${close}>
      <form onSubmit=${save}>
        <label for="tags">Tags, with commas between them</label><input id="tags" name="tags" autocomplete="off" defaultValue=${(tags ?? []).join(', ')} />
        <${Notice} problem=${problem} />
        <button class="main">Save</button>
      </form>
    </${Dialog}>`;
}
