import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, expect, it } from 'vitest';
import { natsTier } from '../workers/transport/nats-tier.ts';
import { browserTier, openBrowser, openViewer, until } from './browser.ts';

const DEMO = fileURLToPath(new URL('../../dist/bench/demo-cluster.js', import.meta.url));
const RUN = ['tohoku-2011', '--set', 'grid.cells=96', '--set', 'grid.tile=24', '--set', 'time.duration=9 h'];

browserTier('the demonstration of a cluster', () => {
  natsTier('on a real broker', () => {
    let demo: ChildProcess | undefined;
    let browser: Browser | undefined;
    afterAll(async () => {
      if (demo?.exitCode === null) demo.kill('SIGTERM');
      await browser?.close();
    });

    // Its parts are those of test/browser/operations.test.ts and test/cluster; all together takes a minute.
    it.runIf(process.env.TERRELLA_DEPTH === 'deep')(
      'shows a run and who computes it, a node that dies, tiles that move, and ends with the hash of one process',
      async () => {
        browser = await openBrowser();
        demo = spawn(process.execPath, [DEMO, '--json', ...RUN], { stdio: ['ignore', 'pipe', 'inherit'] });
        const told = new Map<string, Readonly<Record<string, unknown>>>();
        let looked: Promise<void> | undefined;
        for await (const line of createInterface({ input: demo.stdout! })) {
          const event = JSON.parse(line) as { event: string; url?: string };
          told.set(event.event, event);
          if (event.event === 'serving') looked = look(event.url!);
        }
        await looked;
        expect([...told.keys()]).toEqual(['serving', 'killed', 'finished', 'compared']);
        expect(told.get('compared')).toMatchObject({ isEqual: true });
      },
      180_000,
    );

    /** A picture of the run moves, and the list tells of the death and of where the tiles went. */
    async function look(url: string): Promise<void> {
      const { page, complaints } = await openViewer(browser!, `${url}&at=150,30,1`, {}, 'state.shown.value?.step > 0');
      await until(page, 'terrella.cluster.cluster.value?.nodes.length === 4');
      await until(
        page,
        "terrella.cluster.cluster.value.nodes.find(({ name }) => name === 'sydney').state === 'silent'",
      );
      await until(page, "terrella.cluster.cluster.value.happenings.some(({ kind }) => kind === 'moved')");
      const picture = process.env.TERRELLA_PICTURE;
      if (picture) await page.screenshot({ path: picture });
      expect(complaints).toEqual([]);
      await page.context().close();
    }
  });
});
