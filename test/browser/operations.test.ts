import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { project, type View } from '../../viewer/globe/projection.ts';
import { marksOf } from '../../viewer/globe/shards.ts';
import { colourOfSlot } from '../../viewer/node-colours.ts';
import type { Gateway } from '../../workers/gateway/gateway.ts';
import type { ClusterView } from '../../workers/protocol/operations.ts';
import { ProcessCluster } from '../cluster/process-cluster.ts';
import {
  beginRun,
  boardOf,
  removeDirectories,
  type SmallLive,
  serve,
  stateHash,
} from '../workers/gateway/small-gateway.ts';
import { sequence } from '../workers/run/small-ocean.ts';
import { natsTier } from '../workers/transport/nats-tier.ts';
import {
  browserTier,
  builtViewer,
  inViewer,
  type OpenPage,
  openBrowser,
  openViewer,
  pixelsOf,
  seriousFaults,
  until,
} from './browser.ts';

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

/** Four nodes that share a run's tiles in no order, as a watch shows them; `show` changes what it shows. */
function scriptedWatch() {
  const random = sequence(3);
  const names = ['a', 'b', 'c', 'd'];
  const owners = Array.from({ length: 6 * 16 }, () => Math.floor(random() * names.length));
  let view: ClusterView = {
    leader: { state: 'answers' },
    nodes: names.map((name, slot) => ({
      ...{ name, slot, incarnation: 1, state: 'computing', earns: true, threads: 1, speed: 1e6, credits: 1 },
      ...{ tiles: owners.filter((owner) => names[owner] === name).length, offeredSeconds: 60, utilisation: 0.7 },
      // One says where it stands, and one has lost its work.
      ...(name === 'a' ? { place: { longitude: 10, latitude: 20 } } : {}),
      ...(name === 'b' ? { nothing: 'a was silent for 0.9 s; 12 steps after the cut that is left are lost' } : {}),
    })),
    runs: [
      {
        ...{ id: 'r', title: 'A run', owner: 'me', state: 'running', step: 10, steps: 100, epoch: 1 },
        grid: { panels: 6, cellsX: 64, cellsY: 64, tileX: 16, tileY: 16 },
        ...{ members: names, owners },
      },
    ],
    happenings: [{ id: 0, at: 0, kind: 'leader-found' }],
  };
  const listeners = new Set<() => void>();
  return {
    owners,
    view: () => view,
    onChange: (listener: () => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    show: (next: Partial<ClusterView>) => {
      view = { ...view, ...next };
      for (const listener of listeners) listener();
    },
  };
}

const DEEP = process.env.TERRELLA_DEPTH === 'deep';

browserTier('the operations map beside a run', () => {
  let browser: Browser;
  let run: SmallLive;
  let gateway: Gateway;
  const watch = scriptedWatch();

  beforeAll(async () => {
    run = await beginRun('gaussian-hump', { set: ['grid.cells=48', 'grid.tile=24', 'time.duration=3 h'] });
    await stateHash(run);
    gateway = await serve(boardOf(run), { viewer: builtViewer(), cluster: watch });
    browser = await openBrowser();
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await gateway?.close();
    removeDirectories();
  });

  it.each(DEEP ? (['globe', 'equirectangular', 'polar'] as const) : (['globe'] as const))(
    'paints each tile in its owner’s colour: %s',
    async (view) => {
      const { page, complaints } = await openViewer(
        browser,
        `http://127.0.0.1:${gateway.port}/#view=${view}&at=25,30,1&layers=field&panel=cluster`,
      );
      await until(page, 'cluster.showsCluster.value && cluster.clusterRun.value?.owners.length === 96');
      const where = await inViewer<View>(page, 'return director.view();');
      const points = marksOf(
        // Each tile as a node of its own: where its middle is.
        watch.owners.map((_, tile) => ({ ...watch.view().nodes[3]!, name: String(tile) })),
        {
          ...watch.view().runs[0]!,
          members: watch.owners.map((_, tile) => String(tile)),
          owners: [...watch.owners.keys()],
        },
      ).flatMap(({ node, place }) => {
        const at = project(where, place);
        return at && at.x > 2 && at.x < 1278 && at.y > 2 && at.y < 718 ? [{ ...at, tile: Number(node.name) }] : [];
      });
      expect(points.length).toBeGreaterThan(30);
      const seen = await pixelsOf(page, points);
      // Brightness is the ground's; the colour is the node's.
      const unit = (colour: readonly number[]) => {
        const size = Math.sqrt(colour.reduce((sum, x) => sum + x * x, 0)) || 1;
        return colour.map((x) => x / size);
      };
      const nearest = (pixel: readonly number[]) => {
        const likeness = [0, 1, 2, 3].map((slot) => {
          const [a, b] = [unit(pixel), unit(colourOfSlot(slot))];
          return a.reduce((sum, x, k) => sum + x * b[k]!, 0);
        });
        return likeness.indexOf(Math.max(...likeness));
      };
      const wrong = points.filter(({ tile }, k) => nearest(seen[k]!) !== watch.owners[tile]);
      // A mark or its name may lie on a tile's middle.
      expect(wrong.length).toBeLessThanOrEqual(2);
      expect(complaints).toEqual([]);
      await page.context().close();
    },
  );

  it('comes with its panel and goes with it; a tile that is clicked chooses its owner, who earned nothing for a reason', async () => {
    const { page } = await openViewer(browser, `http://127.0.0.1:${gateway.port}/#at=25,30,1`);
    await page.getByRole('button', { name: 'Nodes' }).click();
    await until(page, 'cluster.showsCluster.value');
    await page.locator('.cluster-legend').waitFor();
    const tile = watch.owners.indexOf(1);
    const names = watch.owners.map((_, k) => (k === tile ? 'here' : 'there'));
    const [mark] = marksOf([{ ...watch.view().nodes[3]!, name: 'here' }], {
      ...watch.view().runs[0]!,
      ...{ members: names, owners: [...names.keys()] },
    });
    await inViewer(page, `state.camera.value = { ...${JSON.stringify(mark!.place)}, zoom: 2 };`);
    const at = project(await inViewer<View>(page, 'return director.view();'), mark!.place)!;
    await page.mouse.click(at.x + 20, at.y + 20);
    await until(page, "cluster.chosenNode.value === 'b'");
    expect(await page.locator('.one-node').textContent()).toContain('12 steps after the cut that is left are lost');
    await page.keyboard.press('Escape');
    await until(page, '!cluster.showsCluster.value');
    await page.getByRole('region', { name: 'Legend', exact: true }).waitFor();
    await page.context().close();
  });
});

browserTier('the operations page of a cluster', () => {
  natsTier('with a real broker, a coordinator and three nodes', () => {
    let browser: Browser;
    let cluster: ProcessCluster;
    let address: string;

    beforeAll(async () => {
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

    // One page for all, as somebody would leave it open.
    let shared: Promise<OpenPage> | undefined;
    const open = (): Promise<OpenPage> => {
      shared ??= openViewer(browser, `${address}&at=75,22,1`, {}, 'cluster.cluster.value?.nodes.length === 3');
      return shared;
    };
    const clusterIs = (expression: string) =>
      `(() => { const { cluster, clusterRun, tilesOfNodes } = terrella.cluster; return ${expression}; })()`;

    it.each([
      [390, 844],
      [1280, 720],
    ])('lays nothing over anything else at %d × %d, and nothing beyond the edge', async (width, height) => {
      const { page, complaints } = await open();
      await page.setViewportSize({ width, height });
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
      expect(await seriousFaults(page)).toEqual([]);
    });

    it('a node is killed: it is seen to die, and its tiles to move to others', async () => {
      const opened = await open();
      const { page, complaints } = opened;
      // A node that prepares is waited for, dead or not.
      await until(
        page,
        clusterIs(
          "tilesOfNodes.value.get('tokyo') > 0 && cluster.value.nodes.every(({ state, earns }) => earns && state === 'computing')",
        ),
      );
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
      expect(await seriousFaults(page)).toEqual([]);
      const picture = process.env.TERRELLA_PICTURE;
      if (picture) await page.screenshot({ path: picture });
      expect(complaints).toEqual([]);
    }, 180_000);

    it('says that no leader answers, and goes on when one does', async () => {
      const { page } = await open();
      cluster.signal('leader', 'SIGKILL');
      await until(page, clusterIs("cluster.value.leader.state === 'silent'"));
      await page.getByText('No leader answers since').waitFor();
      cluster.coordinator('another');
      await until(page, clusterIs("cluster.value.leader.state === 'answers'"));
      await until(page, clusterIs("cluster.value.happenings.at(-1).kind !== 'leader-lost'"));
    });
  });
});
