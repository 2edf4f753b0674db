// How long the dashboard takes in Chromium with the runs of many_runs.py: the list of a thousand, a run of a million steps drawn, and zoomed by keyboard to single steps.
// artifacts/bin/Lcnn.Distributed.EndToEndTests/release/.playwright/node/linux-x64/node tests/Benchmarks/dashboard_times.js http://localhost:8092 [turns]
// The first turn after a start of the silo finds nothing in its memory.
const { chromium } = require('../../artifacts/bin/Lcnn.Distributed.EndToEndTests/release/.playwright/package');
const [address, turns = '5'] = process.argv.slice(2);

const areDrawn = () => [...document.querySelectorAll('figure.chart canvas')]
  .filter(canvas => canvas.width && new Set(new Uint32Array(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.buffer)).size > 8).length >= 4;

async function turn(browser) {
  const list = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  const began = Date.now();
  await list.goto(`${address}/#/runs`);
  await list.waitForFunction(() => document.querySelectorAll('tbody tr').length >= 1000);
  const listed = Date.now();
  await list.fill('input[type=search]', 'small-0777');
  await list.waitForFunction(() => document.querySelectorAll('tbody tr').length === 1);
  const found = Date.now();
  await list.close();

  const run = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  const opened = Date.now();
  await run.goto(`${address}/#/runs/million-steps`);
  await run.waitForFunction(areDrawn);
  const drawn = Date.now();
  await run.locator('figure[aria-label=Loss] .plot').focus();
  await run.keyboard.press('End');
  const tools = run.locator('figure[aria-label=Loss] .tools');
  let shown;
  do {
    await run.keyboard.press('+');
    await run.waitForTimeout(50);
    shown = /steps ([\d,]+) to ([\d,]+)/.exec(await tools.textContent())?.slice(1).map(step => Number(step.replaceAll(',', '')));
  } while (!shown || shown[1] - shown[0] > 60);
  console.log(`list ${listed - began} ms, search ${found - listed} ms, run drawn ${drawn - opened} ms, zoom to steps ${shown.join(' to ')} ${Date.now() - drawn} ms`);
  await run.close();
}

(async () => {
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
  for (let i = 0; i < Number(turns); i++) await turn(browser);
  await browser.close();
})();
