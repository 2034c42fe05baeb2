import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listCheckpoints, readCheckpoint, writeCheckpoint } from '../../../workers/store/checkpoints.ts';
import { openFileStore } from '../../../workers/store/file-store.ts';
import { type Ended, MAIN, start, workplace } from './terrella.ts';

const cwd = workplace();
const terrella = (...words: string[]) => start(cwd, words);
const last = ({ events }: Ended) => events.at(-1)!;

/** One uninterrupted run, which the tests share. */
let whole: Ended;
/** The same run stopped by Ctrl-C. */
let stopped: Ended;

beforeAll(async () => {
  whole = await terrella('run', 'ring.yaml', '--output', 'whole', '--threads', '1', '--json');
  // Plain functions are slow enough to be caught in the act.
  const words = ['run', 'ring.yaml', '--output', 'stopped', '--threads', '1', '--backend', 'reference', '--json'];
  stopped = await start(cwd, words, ({ event }, child) => {
    if (event !== 'progress') return;
    child.kill('SIGINT');
    // npm passes on what the terminal has sent already.
    setTimeout(() => child.kill('SIGINT'), 50);
  });
}, 60_000);

afterAll(() => rmSync(cwd, { recursive: true, force: true }));

describe('run', () => {
  it('ends with one line of the contract’s keys, and status 0', () => {
    expect(whole.status).toBe(0);
    const finished = last(whole);
    expect(finished).toMatchObject({
      event: 'finished',
      scenario: 'ring',
      precision: 'float32',
      class: 'bitwise',
      backend: 'cpu-wasm',
      threads: 1,
      nodes: 1,
      output: join(cwd, 'whole'),
    });
    expect(finished.identity).toMatch(/^[0-9a-f]{64}$/);
    expect(finished.stateHash).toMatch(/^[0-9a-f]{64}$/);
    for (const key of ['steps', 'simulatedSeconds', 'wallSeconds', 'realTimeFactor', 'peakMemoryMiB'])
      expect(finished[key], key).toBeGreaterThan(0);
    expect(finished.simulatedSeconds).toBeCloseTo(21600, 6);
    expect(Math.abs(finished.massRelativeDrift as number)).toBeLessThan(1e-4);
    const none = { rms: null, correlation: null };
    expect(finished.stations).toMatchObject([
      { id: 'near by', ...none },
      { id: 'far', ...none, arrivalSeconds: { model: null }, firstPeak: { model: null } },
    ]);
    expect(finished.expect).toMatchObject([{ metric: 'mass.relativeDrift', pass: true }]);
    expect(JSON.parse(readFileSync(join(cwd, 'whole/result.json'), 'utf8'))).toEqual(finished);
  });

  it('tells its progress in JSON lines', () => {
    const progress = whole.events.find(({ event }) => event === 'progress')!;
    expect(progress).toMatchObject({ scenario: 'ring', steps: last(whole).steps, duration: 21600 });
    for (const key of ['step', 'seconds', 'timeStep', 'courant', 'maximumAmplitude', 'realTimeFactor'])
      expect(progress[key], key).toBeGreaterThan(0);
  });

  it('writes over no run unless told to', async () => {
    const again = await terrella('run', 'ring.yaml', '--output', 'whole', '--json');
    expect(again.status).toBe(2);
    expect(again.events).toMatchObject([{ event: 'failed', error: 'OutputExists' }]);
    expect(again.events[0]!.message).toContain('--replace');
  });

  it('leaves alone what no run has written', async () => {
    mkdirSync(join(cwd, 'training/checkpoints'), { recursive: true });
    writeFileSync(join(cwd, 'training/checkpoints/epoch-1.pt'), 'weeks of work');
    for (const words of [['run'], ['run', '--replace'], ['start', '--no-serve']]) {
      const refused = await terrella(words[0]!, 'ring.yaml', ...words.slice(1), '--output', 'training', '--json');
      expect([refused.status, last(refused).error]).toEqual([2, 'OutputForeign']);
    }
    expect(readFileSync(join(cwd, 'training/checkpoints/epoch-1.pt'), 'utf8')).toBe('weeks of work');
    expect(readdirSync(join(cwd, 'training'))).toEqual(['checkpoints']);
  });

  it('takes the place of another whole: nothing of that is shown as its own', async () => {
    cpSync(join(cwd, 'whole'), join(cwd, 'again'), { recursive: true });
    expect((await terrella('export', 'again')).status).toBe(0);
    expect((await terrella('plot', 'again', '--what', 'stations')).status).toBe(0);
    const words = ['--output', 'again', '--replace', '--set', 'output.format=none', '--set', 'time.duration=1 h'];
    expect((await terrella('run', 'ring.yaml', ...words, '--json')).status).toBe(0);
    expect(readdirSync(join(cwd, 'again')).sort()).toEqual(['checkpoints', 'result.json', 'scenario.json']);
    const none = await terrella('export', 'again', '--json');
    expect([none.status, last(none).error]).toEqual([2, 'NothingToExport']);
    cpSync(join(cwd, 'whole/run.zarr'), join(cwd, 'again/run.zarr'), { recursive: true });
    for (const command of [['export'], ['plot', '--what', 'stations'], ['compare', 'whole']]) {
      const refused = await terrella(...command, 'again', '--json');
      expect([command, refused.status, last(refused).error]).toEqual([command, 2, 'OutputMismatch']);
    }
  });

  it('shares its directory with no other process', async () => {
    const began = existsSync('/proc/self/stat')
      ? readFileSync('/proc/self/stat', 'utf8')
          .replace(/^.*\) /s, '')
          .split(' ')[19]
      : undefined;
    const owner = { pid: process.pid, host: hostname(), began };
    cpSync(join(cwd, 'whole'), join(cwd, 'busy'), { recursive: true });
    writeFileSync(join(cwd, 'busy/running.json'), JSON.stringify(owner));
    const words = ['run', 'ring.yaml', '--output', 'busy', '--replace', '--json'];
    const refused = await terrella(...words);
    expect([refused.status, last(refused).error]).toEqual([2, 'RunBusy']);
    // A process that has ended, or whose number another has by now, holds nothing.
    writeFileSync(join(cwd, 'busy/running.json'), JSON.stringify({ ...owner, began: '0' }));
    expect((await terrella(...words)).status).toBe(0);
    expect(existsSync(join(cwd, 'busy/running.json'))).toBe(false);
  });

  it('goes on when its reader goes away', () => {
    const command = `set -o pipefail; "${process.execPath}" "${MAIN}" run ring.yaml --output piped --json | head -n 1 >/dev/null`;
    const { status, stderr } = spawnSync('bash', ['-c', command], { cwd, encoding: 'utf8' });
    expect([status, stderr.includes('EPIPE')]).toEqual([0, false]);
    expect(JSON.parse(readFileSync(join(cwd, 'piped/result.json'), 'utf8')).stateHash).toBe(last(whole).stateHash);
  });

  it('refuses what no run should pass, and runs it with --force until it fails', async () => {
    const words = ['run', 'ring.yaml', '--output', 'unstable', '--set', 'time.step=3000 s', '--json'];
    const refused = await terrella(...words);
    expect(refused.status).toBe(2);
    expect(refused.events.map(({ event }) => event)).toEqual(['warning', 'failed']);
    expect(last(refused)).toMatchObject({ error: 'ScenarioRefused' });
    expect(existsSync(join(cwd, 'unstable'))).toBe(false);
    const failed = await terrella(...words, '--set', 'time.duration=10 d', '--force');
    expect(failed.status).toBe(1);
    expect(last(failed)).toMatchObject({ event: 'failed', error: 'UnstableStep', scenario: 'ring' });
    expect(Object.keys(last(failed).failure as object)).toEqual(
      expect.arrayContaining(['step', 'tile', 'panel', 'i', 'j', 'longitude', 'latitude', 'courant']),
    );
    expect(last(failed).message).toMatch(/tile \d+.*longitude .*Courant number .*--set time\.courant=/);
  });
});

describe('Ctrl-C and resume', () => {
  it('Ctrl-C writes a checkpoint, tells how to go on, and exits with 130', () => {
    expect(stopped.status).toBe(130);
    expect(last(stopped)).toMatchObject({ event: 'failed', error: 'Interrupted', scenario: 'ring' });
    expect(last(stopped).step).toBeLessThan(last(whole).steps as number);
    expect(last(stopped).message).toContain('terrella resume stopped');
    expect(readdirSync(join(cwd, 'stopped/checkpoints')).length).toBeGreaterThan(0);
  });

  it('resume changes nothing but the layout', async () => {
    const other = await terrella('resume', 'stopped', '--set', 'time.duration=1 h', '--json');
    expect([other.status, last(other).error]).toEqual([2, 'RunIsFixed']);
    const odd = await terrella('resume', 'stopped', '--set', 'grid.tile=7', '--json');
    expect([odd.status, last(odd).error]).toEqual([2, 'TileDoesNotDivide']);
    expect(last(odd).message).toContain('4, 6, 8, 12, 24');
  });

  it('the bits are those of the run that never stopped, on other threads, tiles and kernels', async () => {
    const words = ['--threads', '2', '--set', 'grid.tile=8', '--no-skip', '--json'];
    const resumed = await terrella('resume', 'stopped', ...words);
    expect(resumed.status).toBe(0);
    const { stateHash, chain, identity, steps, expect: judged } = last(whole);
    expect(last(resumed)).toMatchObject({ stateHash, chain, identity, steps, expect: judged, threads: 2 });
  });

  it('the output keeps the chunks that it began with, to the byte', () => {
    const chunks = (run: string) => {
      const found = readdirSync(join(cwd, run, 'run.zarr'), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && !entry.name.endsWith('.json'))
        .map(({ parentPath, name }) => join(parentPath, name).slice(join(cwd, run).length));
      return found.sort();
    };
    expect(chunks('whole').length).toBeGreaterThan(100);
    expect(chunks('stopped')).toEqual(chunks('whole'));
    const different = chunks('whole').filter(
      (path) => !readFileSync(join(cwd, `whole${path}`)).equals(readFileSync(join(cwd, `stopped${path}`))),
    );
    expect(different).toEqual([]);
  });

  it('a run that has finished says so', async () => {
    const again = await terrella('resume', 'whole', '--json');
    expect(again.status).toBe(0);
    expect(again.events).toEqual([last(whole)]);
    expect(again.stderr).toContain('finished already');
  });

  it('a scenario or an input that has changed since is noticed', async () => {
    cpSync(join(cwd, 'stopped'), join(cwd, 'changed'), { recursive: true });
    rmSync(join(cwd, 'changed/result.json'));
    const file = join(cwd, 'changed/scenario.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace('"height": 1', '"height": 2'));
    const changed = await terrella('resume', 'changed', '--json');
    expect([changed.status, last(changed).error]).toEqual([2, 'RunDamaged']);
  });

  it('damaged checkpoints are passed over, and named', async () => {
    cpSync(join(cwd, 'stopped'), join(cwd, 'hurt'), { recursive: true });
    rmSync(join(cwd, 'hurt/result.json'));
    const directory = join(cwd, 'hurt/checkpoints');
    const newest = readdirSync(directory).sort().at(-1)!;
    const bytes = readFileSync(join(directory, newest));
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(join(directory, newest), bytes);
    const resumed = await terrella('resume', 'hurt', '--json');
    expect(resumed.stderr).toMatch(new RegExp(`passed over CheckpointDamaged: ${newest}`));
    expect([resumed.status, last(resumed).stateHash]).toEqual([0, last(whole).stateHash]);
  });
});

describe('verify', () => {
  it('recomputes the same bits, from a checkpoint and from the start, cut otherwise', async () => {
    const kept = await terrella('verify', 'whole', '--json');
    expect(kept.status).toBe(0);
    expect(kept.events.map(({ event }) => event)).toEqual(['checked', 'verified']);
    const fresh = await terrella('verify', 'whole', '--from', 'start', '--set', 'grid.tile=24', '--json');
    expect(fresh.status).toBe(0);
    expect(fresh.events.map(({ event }) => event)).toEqual(['checked', 'checked', 'verified']);
    const { stateHash, chain, steps } = last(whole);
    expect(fresh.events[1]).toMatchObject({
      step: steps,
      equal: true,
      stateHash: { kept: stateHash, recomputed: stateHash },
      chain: { kept: chain, recomputed: chain },
    });
    expect(last(fresh)).toMatchObject({ equal: true, from: 0, to: steps, checkpoints: 2, scenario: 'ring' });
  });

  it('finds the value that somebody has changed', async () => {
    cpSync(join(cwd, 'whole'), join(cwd, 'forged'), { recursive: true });
    const store = await openFileStore(join(cwd, 'forged/checkpoints'));
    const key = (await listCheckpoints(store)).at(-1)!;
    const checkpoint = await readCheckpoint(store, key, { engineVersion: '', force: true });
    const { engineVersion, extra } = checkpoint;
    const [surface] = checkpoint.prognostic;
    const place = { panel: 4, i: 13, j: 2 };
    (surface!.panels[place.panel] as Float32Array)[place.j * 24 + place.i]! += 1;
    await writeCheckpoint(store, checkpoint, { engineVersion, previousChain: (extra as { chain: string }).chain });
    const found = await terrella('verify', 'forged', '--json');
    expect(found.status).toBe(1);
    // Four tiles of 12 × 12 cells make a panel.
    const difference = { field: 'surface', ...place, tile: 4 * 4 + 1, count: 1 };
    expect(found.events[0]).toMatchObject({ event: 'checked', equal: false, difference });
    expect(last(found)).toMatchObject({ event: 'verified', equal: false });
    expect(found.stderr).toMatch(/surface: panel 4, tile 17, i 13, j 2/);
  });

  it('names the checkpoints there are', async () => {
    const wrong = await terrella('verify', 'whole', '--from', '3', '--json');
    expect([wrong.status, last(wrong).error]).toEqual([2, 'NothingToVerify']);
  });
});

describe('compare', () => {
  it('finds a run and its resumed twin equal to the bit', async () => {
    const twins = await terrella('compare', 'whole', 'stopped', '--json');
    expect(twins.status).toBe(0);
    expect(twins.events).toMatchObject([{ event: 'compared', equal: true, sameGrid: true }]);
    expect((twins.events[0]!.checkpoints as { equal: boolean }[]).every(({ equal }) => equal)).toBe(true);
    expect(twins.events[0]!.stations).toMatchObject([{ largest: 0 }, { largest: 0 }]);
  });

  it('says where and how far two runs differ', async () => {
    const words = ['--set', 'sources[0].height=1.1 m', '--set', 'grid.tile=24', '--output', 'higher', '--json'];
    const higher = await terrella('run', 'ring.yaml', ...words);
    expect(higher.status).toBe(0);
    const apart = await terrella('compare', 'whole', 'higher', '--json');
    expect(apart.status).toBe(1);
    const { firstDifference, norms, stations, stateHash } = last(apart) as never as {
      firstDifference: Record<string, unknown>;
      norms: { step: object; fields: { field: string; l1: number; l2: number; lInfinity: number; relative: object }[] };
      stations: { id: string; largest: number; rms: number }[];
      stateHash: object;
    };
    expect(stateHash).toEqual({ a: last(whole).stateHash, b: last(higher).stateHash });
    expect(Object.keys(firstDifference)).toEqual(
      expect.arrayContaining(['step', 'field', 'panel', 'tile', 'i', 'j', 'longitude', 'latitude', 'a', 'b', 'count']),
    );
    expect(norms.fields.map(({ field }) => field)).toEqual(['surface', 'momentumX', 'momentumY', 'momentumZ']);
    const [surface] = norms.fields;
    expect(surface!.l1).toBeGreaterThan(0);
    expect(surface!.l2).toBeGreaterThan(surface!.l1);
    expect(surface!.lInfinity).toBeGreaterThan(surface!.l2);
    // The wave is all but linear: a tenth higher is a tenth apart.
    expect((surface!.relative as { l2: number }).l2).toBeCloseTo(0.1, 2);
    expect(stations.find(({ id }) => id === 'near-by')!.largest).toBeGreaterThan(0.001);
  });

  it('compares runs on other grids at their stations only', async () => {
    const words = ['--set', 'grid.cells=12', '--set', 'grid.tile=12', '--output', 'coarse', '--json'];
    await terrella('run', 'ring.yaml', ...words);
    const apart = await terrella('compare', 'whole', 'coarse', '--json');
    expect([apart.status, last(apart).sameGrid, last(apart).checkpoints]).toEqual([1, false, []]);
    expect(last(apart).stations).toHaveLength(2);
  });
});
