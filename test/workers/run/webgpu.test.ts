import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { once } from '../../../engine/grid/once.ts';
import { webgpuTier } from '../../engine/backends/webgpu/device.ts';
import { finishedEvent, terrella, until } from './command.ts';
import { writeSmallOcean } from './small-ocean.ts';

const file = writeSmallOcean();
const directory = dirname(file);
afterAll(() => rmSync(directory, { recursive: true }));

const at = (name: string) => join(directory, name);
const run = (name: string, ...words: string[]) => runWith({}, name, ...words);
const runWith = (environment: Readonly<Record<string, string>>, name: string, ...words: string[]) => {
  const set = ['grid.cells=12', 'grid.tile=12', 'time.step=240 s', 'time.duration=1 h'].flatMap((key) => [
    '--set',
    key,
  ]);
  return terrella(['run', file, ...set, '--output', at(name), '--json', ...words], {
    TERRELLA_CACHE: at('cache'),
    ...environment,
  });
};
/** What every other run is held against. */
const processorRun = once(() => run('processor').ended);
const provenance = (name: string) => JSON.parse(readFileSync(join(at(name), 'run.zarr', 'provenance.json'), 'utf8'));

webgpuTier('a run on a graphics device', () => {
  test('says which, and promises no bits: its class is tolerance, and no hash is told', async () => {
    const [device, processor] = [await run('device', '--backend', 'webgpu').ended, await processorRun()];
    expect(device.errors).toMatch(/^on .*SwiftShader.*, which draws on the processor: --backend wasm is faster$/m);
    const [found, due] = [finishedEvent(device), finishedEvent(processor)];
    expect(found).toMatchObject({ class: 'tolerance', backend: expect.stringMatching(/^webgpu: .*SwiftShader/) });
    expect(due).toMatchObject({ class: 'bitwise', backend: 'cpu-wasm' });
    expect(found).not.toHaveProperty('stateHash');
    expect(found).not.toHaveProperty('chain');
    expect(due.stateHash).toMatch(/^[0-9a-f]{64}$/);
    expect(device.errors).not.toMatch(/[0-9a-f]{64}/);
    for (const figure of ['maximumAmplitude', 'maximumSpeed'])
      expect(Math.abs(Number(found[figure]) / Number(due[figure]) - 1)).toBeLessThan(1e-5);
    expect(found.tileStepsAtRest).toBe(due.tileStepsAtRest);
    expect(provenance('device')).toMatchObject({ class: 'tolerance', stateHashChain: null, precision: 'float32' });
    expect(provenance('processor')).toMatchObject({ class: 'bitwise', stateHashChain: { chain: due.chain } });
    const compared = await terrella(['compare', at('device'), at('processor'), '--json']).ended;
    const comparison = compared.events.at(-1)!;
    expect(comparison).toMatchObject({ event: 'compared', stateHash: { b: due.stateHash } });
    expect(comparison.stateHash).not.toHaveProperty('a');
    expect(compared.errors).toContain('none (class tolerance');
    const verified = await terrella(['verify', at('device')]).ended;
    expect(verified.status).toBe(2);
    expect(verified.errors).toMatch(
      /^NothingToVerify: a graphics device has computed small-ocean.* terrella compare\.$/m,
    );
  });

  test.runIf(process.env.TERRELLA_DEPTH === 'deep')(
    'once a device has had a part in it, it stays within a tolerance wherever it goes on: there, unless told',
    async () => {
      const begun = run('mixed', '--backend', 'webgpu', '--set', 'time.duration=6 h');
      await until(begun.progressed, begun);
      begun.child.kill('SIGINT');
      expect((await begun.ended).status).toBe(130);
      const kept = join(at('mixed'), 'scenario.json');
      const facts = readFileSync(kept, 'utf8');
      writeFileSync(kept, JSON.stringify({ ...JSON.parse(facts), begunOn: 'Another (card)' }));
      const elsewhere = await terrella(['resume', at('mixed')]).ended;
      expect(elsewhere.status).toBe(1);
      expect(elsewhere.errors).toMatch(
        /^NoDevice: the run was begun on Another \(card\), here answers .*SwiftShader.* Use --backend webgpu to go on with that/m,
      );
      writeFileSync(kept, facts);
      const there = terrella(['resume', at('mixed'), '--json']);
      await until(there.progressed, there);
      there.child.kill('SIGINT');
      expect((await there.ended).status).toBe(130);
      expect(there.said()).toMatch(/^on .*SwiftShader/m);
      const resumed = await terrella(['resume', at('mixed'), '--json', '--backend', 'wasm']).ended;
      expect(finishedEvent(resumed)).toMatchObject({ class: 'tolerance', backend: 'cpu-wasm' });
      expect(finishedEvent(resumed)).not.toHaveProperty('stateHash');
    },
  );

  test('auto leaves a software renderer unmeasured, says so, and keeps its reasons with bits that are the processor’s', async () => {
    const ended = await run('auto', '--backend', 'auto').ended;
    const processor = finishedEvent(await processorRun());
    expect(finishedEvent(ended)).toMatchObject({
      class: 'bitwise',
      backend: 'cpu-wasm',
      stateHash: processor.stateHash,
      chain: processor.chain,
    });
    const choice = ended.events.find(({ event }) => event === 'backend');
    expect(choice).toMatchObject({
      backend: 'wasm',
      chosen: 'cpu-wasm',
      why: 'no device here is more than the processor',
    });
    expect(choice!.candidates).toMatchObject([
      { name: 'cpu-wasm', outcome: 'left-out' },
      { name: expect.stringMatching(/SwiftShader/), outcome: 'left-out', why: expect.stringMatching(/^it draws on/) },
    ]);
    expect(ended.errors).toMatch(/^webgpu: .*SwiftShader.*: not measured, it draws on the processor/m);
    expect(ended.errors).toMatch(/^on cpu-wasm: no device here is more than the processor$/m);
    const { event: _, ...kept } = choice!;
    expect(provenance('auto').backendChoice).toEqual(kept);
    expect(provenance('processor')).not.toHaveProperty('backendChoice');
  });

  test('auto takes the processor in float64 and where no device answers, and says why', async () => {
    const double = await run('auto-double', '--backend', 'auto', '--set', 'model.precision=float64').ended;
    expect(finishedEvent(double)).toMatchObject({ class: 'bitwise', backend: 'cpu-wasm', precision: 'float64' });
    expect(double.errors).toMatch(/^on cpu-wasm: the scenario is in float64, devices compute in float32/m);
    const driver = { VK_ICD_FILENAMES: at('no-driver.json') };
    const none = await runWith(driver, 'auto-none', '--backend', 'auto').ended;
    expect(finishedEvent(none)).toMatchObject({ class: 'bitwise', backend: 'cpu-wasm' });
    expect(none.errors).toMatch(/^on cpu-wasm: the only one here: of graphics devices none answers/m);
  });

  test('is refused where it cannot be: in float64, and where no device answers', async () => {
    const double = await run('double', '--backend', 'webgpu', '--set', 'model.precision=float64').ended;
    expect(double.status).toBe(2);
    expect(double.errors).toMatch(/^NeedsFloat32: .* Use --set model\.precision=float32, or --backend wasm\.$/m);
    const words = ['run', file, '--backend', 'webgpu', '--output', at('none')];
    const none = await terrella(words, { VK_ICD_FILENAMES: at('no-driver.json'), TERRELLA_CACHE: at('cache') }).ended;
    expect(none.status).toBe(1);
    expect(none.errors).toMatch(/^NoDevice: no graphics device answers\. .* or use --backend wasm\.$/m);
  });

  test('the doctor tells a device from the processor in disguise', async () => {
    const { events } = await terrella(['doctor', '--json']).ended;
    const checks = events.at(-1)!.checks as { name: string; ok: boolean; found: string }[];
    const [graphics] = checks.filter(({ name }) => name === 'graphics processor');
    expect(graphics).toMatchObject({
      ok: false,
      found: expect.stringMatching(/SwiftShader.* buffers a stage, .* draws on the processor/),
    });
    expect(events.at(-1)!.adapters).toMatchObject([{ software: true, storageBuffers: expect.any(Number) }]);
  });
});
