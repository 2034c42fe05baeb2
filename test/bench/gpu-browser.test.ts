import { expect, test } from 'vitest';
import { serveBrowserBench } from '../../bench/gpu-browser.ts';
import { describeRow, type GpuRow } from '../../bench/gpu-cases.ts';
import { browserTier } from '../browser/browser.ts';
import { openDeviceBrowser } from '../browser/device-page.ts';

browserTier('the bench of graphics cards in a browser', () => {
  test('measures what the browser gives, holds it against the processor, and says where the time goes', async () => {
    const rows: GpuRow[] = [];
    const bench = await serveBrowserBench({
      cases: [{ model: 'transport', scenario: 'williamson-1' }],
      sizes: { card: [[24, 24]], software: [[12, 12]] },
      seconds: 0.2,
      onRow: (row) => rows.push(row),
    });
    const browser = await openDeviceBrowser([
      ...['--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'],
    ]);
    try {
      const page = await browser.newPage();
      await page.goto(bench.url);
      const end = await bench.ended;
      expect(end.failed).toBeUndefined();
      expect(end.browser).toMatch(/Chrome/);
      expect(rows.map(({ backend }) => backend)).toEqual(['wasm', 'webgl']);
      for (const { model, cells, failed, millionCellStagesPerSecond } of rows) {
        expect([model, cells, failed]).toEqual(['transport', 12, undefined]);
        expect(millionCellStagesPerSecond).toBeGreaterThan(0);
      }
      const { on, shares, parity } = rows[1]!;
      expect(on).toMatch(/SwiftShader.*, in the page$/);
      expect(parity).toMatch(/^agrees with the processor: /);
      expect(rows[1]!.agrees).toBe(true);
      const { upload, compute, ghosts, readback } = shares!;
      // Upload and ghosts are differences of times, which a busy machine may make nothing of.
      expect(compute + ghosts).toBeGreaterThan(0.2);
      expect(readback).toBeGreaterThan(0);
      expect(upload + compute + ghosts + readback).toBeCloseTo(1, 10);
      const shown = await page.locator('pre').textContent();
      for (const row of rows) expect(shown).toContain(describeRow(row));
      expect(shown).toMatch(/webgl: .*SwiftShader.*it draws on the processor/);
      expect(shown).toMatch(/webgpu: NoDevice/);

      const said = async (path: string, body: string, headers = {}): Promise<string> => {
        const answer = await fetch(`${bench.url}${path}`, { method: 'POST', body, headers });
        return `${answer.status} ${await answer.text()}`;
      };
      expect(await said('row', '{"event":"bench-gpu"}')).toBe('400 BadMessage: no row of the bench.');
      expect(await said('row', `"${'x'.repeat(70_000)}"`)).toMatch(/^400 BadMessage: more than 65536 bytes/);
      expect(await said('elsewhere', '{}')).toBe('400 BadMessage: nothing takes elsewhere.');
      const foreign = { origin: 'http://elsewhere.example' };
      expect(await said('row', JSON.stringify(rows[0]), foreign)).toBe('400 BadMessage: from another page.');
      expect(rows).toHaveLength(2);
      expect(await said('row', JSON.stringify({ ...rows[0], on: 'a card\u001b[2J\u0007' }))).toBe('200 ');
      expect(rows[2]!.on).toBe('a card[2J');
    } finally {
      await browser.close();
      bench.close();
    }
  });
});
