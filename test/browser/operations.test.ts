import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ProcessCluster } from '../cluster/process-cluster.ts';
import { natsTier } from '../workers/transport/nats-tier.ts';
import { browserTier, inViewer, type OpenPage, openBrowser, openViewer, until } from './browser.ts';

const VIEWER = fileURLToPath(new URL('../../dist/viewer', import.meta.url));
const AXE = fileURLToPath(new URL('../../node_modules/axe-core/axe.min.js', import.meta.url));

const NODES = [
  ['berlin', '13.4,52.5'],
  ['nairobi', '36.8,-1.3'],
  ['tokyo', '139.7,35.7'],
] as const;
/** Minutes of computing: the tests end it. */
const RUN = [
  ...['tohoku-2011', '--name', 'tohoku', '--cut-every', '20'],
  ...['--set', 'grid.cells=96', '--set', 'grid.tile=24', '--set', 'time.duration=720 h'],
];

browserTier('the operations page of a cluster', () => {
  natsTier('with a real broker, a coordinator and three nodes', () => {
    let browser: Browser;
    let cluster: ProcessCluster;
    let address: string;

    beforeAll(async () => {
      if (!existsSync(join(VIEWER, 'index.html'))) throw new Error('The viewer is not built. Run: npm run build');
      cluster = await ProcessCluster.start();
      cluster.coordinator('leader');
      for (const [name, place] of NODES)
        cluster.begin(name, 'node', '--name', name, '--threads', '1', '--place', place);
      const { events } = cluster.begin('watch', 'watch', '--port', '0');
      const serving = await cluster.until('the watch', () => events.find(({ event }) => event === 'serving'));
      address = String(serving.url);
      cluster.submit(...RUN);
      browser = await openBrowser();
    }, 120_000);
    afterAll(async () => {
      await browser?.close();
      await cluster?.close();
    });

    const open = (hash = '', options: BrowserContextOptions = {}): Promise<OpenPage> =>
      openViewer(browser, `${address}&at=75,22,1&${hash}`, options, 'cluster.cluster.value?.nodes.length === 3');
    const clusterIs = (expression: string) =>
      `(() => { const { cluster, clusterRun, tilesOfNodes } = terrella.cluster; return ${expression}; })()`;
    const faultsOf = async ({ page }: OpenPage): Promise<unknown> => {
      await page.evaluate(readFileSync(AXE, 'utf8'));
      return page.evaluate(
        `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations
          .filter(({ impact }) => impact === 'serious' || impact === 'critical')
          .map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html.slice(0, 120)).join(' | ')))`,
      );
    };

    it.each([
      [1280, 720],
      [390, 844],
    ])('lays nothing over anything else at %d × %d, and nothing beyond the edge', async (width, height) => {
      const { page, complaints } = await open('', { viewport: { width, height } });
      await until(page, clusterIs('clusterRun.value?.owners.length === 96'));
      for (const panel of ['undefined', "'cluster'"]) {
        await inViewer(page, `state.panel.value = ${panel};`);
        await page.waitForTimeout(400);
        const found = await page.evaluate(`(() => {
          const boxes = [...document.querySelectorAll('#panels .glass, #panels footer, #panels header')]
            .filter((e) => getComputedStyle(e).visibility === 'visible')
            .map((e) => ({ name: e.className || e.tagName, e, box: e.getBoundingClientRect() }))
            .filter(({ box }) => box.width > 4 && box.height > 4);
          const found = [];
          for (const { name, box } of boxes)
            if (box.left < -1 || box.top < -1 || box.right > innerWidth + 1 || box.bottom > innerHeight + 1) found.push(name);
          for (const a of boxes) for (const b of boxes) {
            if (a === b || a.e.contains(b.e) || b.e.contains(a.e)) continue;
            const x = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left);
            const y = Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top);
            if (x > 1 && y > 1) found.push(a.name + ' over ' + b.name);
          }
          return found;
        })()`);
        expect(found, panel).toEqual([]);
      }
      expect(complaints).toEqual([]);
      await page.context().close();
    });

    it('all about a node is reached by the keyboard alone, and by a link', async () => {
      const { page } = await open();
      await page.getByRole('button', { name: 'tokyo' }).last().focus();
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'tokyo', exact: true }).waitFor();
      const text = await page.locator('.one-node').textContent();
      for (const word of ['Credits', 'Used of what it offered', 'Round trip', 'There for', '35.7° N, 139.7° E'])
        expect(text).toContain(word);
      await until(page, "location.hash.includes('node=tokyo')");
      expect(await faultsOf({ page, complaints: [] })).toEqual([]);
      await page.context().close();
    });

    it('a node is killed: it is seen to die, and its tiles to move to others', async () => {
      const opened = await open();
      const { page, complaints } = opened;
      await until(page, clusterIs("tilesOfNodes.value.get('tokyo') > 0 && clusterRun.value.step > 0"));
      cluster.signal('tokyo', 'SIGKILL');
      await until(page, clusterIs("!tilesOfNodes.value.has('tokyo') && clusterRun.value.owners.length === 96"));
      await until(page, clusterIs("cluster.value.nodes.find(({ name }) => name === 'tokyo').state === 'silent'"));
      // Of all 96 tiles each has an owner that lives.
      const owned = await inViewer<[string, number][]>(page, 'return [...terrella.cluster.tilesOfNodes.value];');
      expect(owned.map(([name]) => name).sort()).toEqual(['berlin', 'nairobi']);
      expect(owned.reduce((sum, [, tiles]) => sum + tiles, 0)).toBe(96);
      const lines = await page.locator('.panel .happening-list').textContent();
      expect(lines).toMatch(/tokyo is gone: silent for [\d.]+ s/);
      expect(lines).toMatch(/\d+ tiles? moved from tokyo to (berlin|nairobi) \(epoch \d+\)/);
      expect(await page.locator('.legend').textContent()).toContain('silent');
      expect(await faultsOf(opened)).toEqual([]);
      const picture = process.env.TERRELLA_PICTURE;
      if (picture) await page.screenshot({ path: picture });
      expect(complaints).toEqual([]);
      await page.context().close();
    });

    it('says that no leader answers, and goes on when one does', async () => {
      const { page } = await open();
      cluster.signal('leader', 'SIGKILL');
      await until(page, clusterIs("cluster.value.leader.state === 'silent'"));
      await page.getByText('No leader answers since').waitFor();
      cluster.coordinator('another');
      await until(page, clusterIs("cluster.value.leader.state === 'answers'"));
      await until(page, clusterIs("cluster.value.happenings.at(-1).kind !== 'leader-lost'"));
      await page.context().close();
    });
  });
});
