// Asks for a token; the silo answers with a cookie that scripts cannot read.
import { html, useState } from './htm.js';
import { call } from './api.js';
import { Notice } from './ui.js';

export function Login({ reason, done }) {
  const [problem, setProblem] = useState(null);
  async function login(event) {
    event.preventDefault();
    try {
      await call('session', { method: 'POST', body: { token: new FormData(event.target).get('token') } });
      setProblem(null);
      done();
    } catch (error) {
      setProblem(error);
    }
  }

  return html`
    <main id="main" class="login">
      <h1>Lcnn.Distributed</h1>
      <form onSubmit=${login}>
        <label for="token">Token, from the cluster's token file</label>
        <input id="token" name="token" type="password" autocomplete="current-password" required autofocus />
        <button class="main">Log in</button>
      </form>
      <${Notice} problem=${problem} />
      ${!problem && reason && html`<p class="soft">Not logged in: ${reason}.</p>`}
    </main>`;
}
