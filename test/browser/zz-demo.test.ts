import { test } from 'vitest';
import { ProcessCluster } from '../cluster/process-cluster.ts';
import { inViewer, openBrowser } from './browser.ts';

test('demo', async () => {
  const cluster = await ProcessCluster.start();
  const browser = await openBrowser();
  try {
    cluster.coordinator('leader');
    for (const [name, place] of [
      ['berlin', '13.4,52.5'],
      ['nairobi', '36.8,-1.3'],
      ['mumbai', '72.9,19.1'],
      ['tokyo', '139.7,35.7'],
      ['perth', '115.9,-31.9'],
    ] as const)
      cluster.begin(name, 'node', '--name', name, '--threads', '1', '--place', place);
    const told = cluster.begin('watch', 'watch', '--port', '0');
    const serving = await cluster.until('serving', () => told.events.find(({ event }) => event === 'serving'));
    const words = [
      '--set',
      'grid.cells=96',
      '--set',
      'grid.tile=12',
      '--set',
      'time.duration=160 h',
      '--cut-every',
      '20',
    ];
    cluster.submit('tohoku-2011', ...words, '--name', 'tohoku');
    const open = async (width = 1280, height = 720, hash = '') => {
      const page = await (await browser.newContext({ viewport: { width, height } })).newPage();
      page.on('pageerror', (error) => console.log(String(error)));
      page.on('console', (message) => message.type() === 'error' && console.log(message.text()));
      await page.goto(`${String(serving.url)}&${hash}`);
      return page;
    };
    const page = await open();
    await page.waitForTimeout(28000);
    await page.screenshot({ path: '/tmp/p/shots/five.png' });
    cluster.signal('perth', 'SIGKILL');
    for (let k = 0; k < 3; k++) {
      await page.waitForTimeout(1500);
      await page.screenshot({ path: `/tmp/p/shots/five-killed-${k}.png` });
    }
    const phone = await open(390, 844);
    await phone.waitForTimeout(3000);
    await phone.screenshot({ path: '/tmp/p/shots/phone.png' });
    await inViewer(
      page,
      "state.projection.value = 'mollweide'; state.panel.value = undefined; state.camera.value = {longitude: 60, latitude: 10, zoom: 1}",
    );
    await page.waitForTimeout(2500);
    await page.screenshot({ path: '/tmp/p/shots/map.png' });
  } finally {
    await browser.close();
    await cluster.close();
  }
}, 180_000);
