import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { hashAlone, ProcessCluster } from '../cluster/process-cluster.ts';
import { natsTier } from '../workers/transport/nats-tier.ts';
import { browserTier, openBrowser, openViewer, seriousFaults, until } from './browser.ts';

// Long enough that it goes on when the page's first work is accepted.
const RUN = [
  ...['tohoku-2011', '--small', '--set', 'grid.cells=96', '--set', 'grid.tile=24'],
  ...['--set', 'time.duration=20 h', '--set', 'output.checkpoints.every=20 h'],
];
/** Without a graphics card every pixel takes time from the run. */
const VIEW = { viewport: { width: 900, height: 480 } } as const;

browserTier('a page that computes tiles of a cluster’s run', () => {
  natsTier('on a real broker', () => {
    let browser: Browser;
    let cluster: ProcessCluster;
    let alone: Promise<string>;
    beforeAll(async () => {
      alone = hashAlone(...RUN);
      [browser, cluster] = await Promise.all([openBrowser(), ProcessCluster.start()]);
    });
    afterAll(async () => {
      await browser?.close();
      await cluster?.close();
    });

    it('joins when asked to, earns, and is closed in the middle: the run ends with the hash of one process', async () => {
      const expected = await alone;
      cluster.coordinator('coordinator');
      cluster.node('steady');
      const { events } = cluster.begin('watch', 'watch', '--pages', '1', '--port', '0');
      const { url } = await cluster.until('an address', () => events.find(({ event }) => event === 'serving'));
      const { page, complaints } = await openViewer(browser, `${url}`, VIEW, "state.panel.value === 'cluster'");
      await page.getByRole('button', { name: 'Compute tiles here' }).press('Enter');
      await page.getByText(/^This page is page-.*waits for tiles\.$/).waitFor();
      // Shared memory: it computes on threads of its own, and hears the broker meanwhile.
      expect(await page.evaluate('crossOriginIsolated')).toBe(true);
      await until(page, "cluster.cluster.value?.nodes.some(({ name }) => name.startsWith('page-'))");
      const name = await page.evaluate<string>('terrella.hosting.value.node');
      expect(await seriousFaults(page)).toEqual([]);

      cluster.submit(...RUN, '--cut-every', '10');
      await page.getByText(/computes \d+ tiles\. Its work has been accepted\.$/).waitFor({ timeout: 60_000 });
      const picture = process.env.TERRELLA_PICTURE;
      if (picture) await page.screenshot({ path: picture });
      expect(complaints).toEqual([]);
      const { step, steps } = cluster.record() as { readonly step?: number; readonly steps?: number };
      expect(step).toBeLessThan(steps!);
      await page.context().close();

      const { stateHash } = await cluster.finished(120_000);
      expect(stateHash).toBe(expected);
      const credits = await cluster.said('credits');
      const shares = credits.filter(({ event }) => event === 'earned').map((one) => [one.node, one.cellUpdates]);
      const earned = new Map(shares as [string, string][]);
      expect([...earned.keys()].sort()).toEqual([name, 'steady'].sort());
      for (const [node, updates] of earned) expect(Number(updates), node).toBeGreaterThan(0);
      const ends = credits
        .filter(({ event }) => event === 'segment')
        .map(({ ended }) => (ended as { reason: string }).reason);
      expect(ends.join()).toMatch(new RegExp(`${name} was silent`));
    }, 180_000);
  });
});
