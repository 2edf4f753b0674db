// What runs where, and what waits for what.
import { html } from './htm.js';
import { usePolled } from './api.js';
import { count, counted } from './format.js';
import { Card, Notice, Phase, Table } from './ui.js';

const WHY = { waiting: 'asks for slots', starting: 'its workers load data and join', recovering: 'its workers go back to its newest snapshot' };

export function Silos() {
  const { content, problem } = usePolled('silos');
  const runs = usePolled('runs?limit=1000&phase=waiting,starting,recovering,training,stopping');
  const silos = content?.silos ?? [];
  const slots = silos.flatMap(silo => silo.slots);
  const waiting = (runs.content?.runs ?? []).filter(item => WHY[item.run.phase]);
  return html`
    <h1>Silos</h1><${Notice} problem=${problem} />
    <p>${counted(silos.length, 'silo')}, ${counted(slots.length, 'slot')}, ${count(slots.filter(slot => slot.holder === null).length)} of them free.</p>
    ${waiting.length > 0 && html`<${Card} title="Waiting" wide><${Table} caption="Runs that wait" rows=${waiting} keyOf=${item => item.run.runId} columns=${[
      { key: 'run', name: 'Run', value: item => item.run.runId, show: item => html`<a href=${`#/runs/${encodeURIComponent(item.run.runId)}`}>${item.run.runId}</a>` },
      { key: 'why', name: 'Why', isText: true, show: item => item.status?.waiting ?? WHY[item.run.phase] },
      { key: 'phase', name: 'Phase', value: item => item.run.phase, show: item => html`<${Phase} phase=${item.run.phase} />` },
      { key: 'workers', name: 'Wants workers', numeric: true, value: item => item.run.workers },
    ]} /></${Card}>`}
    <div class="cards">${silos.map(silo => html`
      <${Card} key=${silo.silo} title=${silo.name}>
        <p>${silo.silo}, process ${silo.processId}${silo.isDraining ? ': it leaves' : ''}${silo.isUnlimited ? ': as many slots as are asked for' : ''}</p>
        <${Table} caption=${`Slots of ${silo.name}`} rows=${silo.slots} keyOf=${slot => slot.slot.index} empty="No slot is in use." columns=${[
          { key: 'index', name: 'Slot', value: slot => slot.slot.index },
          { key: 'device', name: 'Device', value: slot => slot.slot.device },
          { key: 'holder', name: 'Held by', value: slot => slot.holder?.runId, show: slot => (slot.holder ? html`<a href=${`#/runs/${encodeURIComponent(slot.holder.runId)}`}>${slot.holder.runId}</a> rank ${slot.holder.rank}${slot.isLeaving ? ', leaving' : ''}` : html`<span class="free">free</span>`) },
        ]} />
      </${Card}>`)}</div>`;
}
