// What each rank of a run does and did, and which of them the others wait for.
import { html } from './htm.js';
import { usePolled } from './api.js';
import { count, number, percent } from './format.js';
import { Card, Table } from './ui.js';

const NOTABLE = 0.1; // of the others' time

/** The ranks of a run: live while it goes on, else those of its final event. places = those of its newest generation. */
export const Ranks = ({ path, final, places }) => (final
  ? html`<${RankTable} ranks=${(final.ranks ?? []).map(work => ({ rank: work.rank, work }))} places=${places} />`
  : html`<${LiveRanks} path=${path} places=${places} />`);

function LiveRanks({ path, places }) {
  const { content } = usePolled(`${path}/ranks`);
  return html`<${RankTable} ranks=${content?.ranks ?? []} places=${places} isLive />`;
}

// Seconds of compute are those of all its threads; samples are gathered beside it.
function shareOfWaiting({ work }) {
  if (!work) return null;
  const busy = work.computeSeconds / (work.threads || 1) + work.ownerSeconds;
  return work.waitSeconds + busy > 0 ? work.waitSeconds / (work.waitSeconds + busy) : null;
}

// Whoever waits least, if the others wait clearly more: they wait for it.
function stragglerOf(ranks) {
  const sorted = ranks.filter(rank => rank.waits !== null).sort((one, other) => one.waits - other.waits);
  if (sorted.length < 2) return null;
  const others = sorted.slice(1).reduce((sum, rank) => sum + rank.waits, 0) / (sorted.length - 1);
  return others - sorted[0].waits >= NOTABLE ? { ...sorted[0], others } : null;
}

function RankTable({ ranks, places, isLive }) {
  if (ranks.length === 0) return null;
  const rows = ranks.map(rank => ({ ...rank, waits: shareOfWaiting(rank), silo: rank.silo ?? places.find(place => place.rank === rank.rank)?.silo }));
  const straggler = stragglerOf(rows);
  const seconds = (key, name, of) => ({ key, name, numeric: true, value: rank => rank.work && of(rank.work), show: rank => number(rank.work && of(rank.work)) });
  return html`<${Card} title="Work of each rank" wide>
    <p>${straggler
      ? html`The others wait for rank ${straggler.rank}: it waits for ${percent(straggler.waits)} of its time, they for ${percent(straggler.others)}.`
      : rows.length > 1 && rows.every(rank => rank.waits !== null) && 'No rank holds up the others.'}
      <span class="soft"> Seconds of the newest generation${isLive ? ', as its workers tell every two seconds; steps carry no times of their own' : ''}.</span></p>
    <${Table} caption="Seconds of each rank" rows=${rows} keyOf=${rank => rank.rank} columns=${[
      { key: 'rank', name: 'Rank', value: rank => rank.rank, show: rank => html`${rank.rank}${straggler?.rank === rank.rank && html` <span class="phase waiting">waited for</span>`}` },
      { key: 'silo', name: 'Silo', value: rank => rank.silo?.split('@')[0] },
      ...(isLive ? [{ key: 'doing', name: 'Doing', isText: true, value: rank => rank.activity }, { key: 'step', name: 'Step', numeric: true, value: rank => rank.step, show: rank => count(rank.step) }] : []),
      { key: 'waits', name: 'Waits', numeric: true, value: rank => rank.waits, show: rank => percent(rank.waits) },
      { key: 'samples', name: 'Samples', numeric: true, value: rank => rank.work?.samples, show: rank => count(rank.work?.samples) },
      seconds('wait', 'Waiting (s)', work => work.waitSeconds), seconds('compute', 'Compute (s)', work => work.computeSeconds), seconds('forward', 'Forward (s)', work => work.forwardSeconds),
      seconds('owner', 'Owner (s)', work => work.ownerSeconds), seconds('data', 'Data (s)', work => work.dataSeconds), seconds('rate', 'Samples/s', work => work.timedSamples / work.stepSeconds),
      seconds('computed', 'Samples/s of computing', work => work.timedSamples * work.threads / work.computeSeconds),
    ]} />
  </${Card}>`;
}
