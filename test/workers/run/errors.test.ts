import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CpuRun } from '../../../engine/backends/cpu/cpu-run.ts';
import { loadNamed } from '../../../workers/cli/load.ts';
import { prepareRun } from '../../../workers/run/prepare.ts';
import { runScenario } from '../../../workers/run/run-scenario.ts';
import type { Checkpoint } from '../../../workers/store/checkpoints.ts';
import { memoryStore } from '../../../workers/store/store.ts';
import { tier } from '../../tiers.ts';
import { type Ended, finishedEvent, terrella } from './command.ts';
import { canMount, mountDisk } from './disk.ts';
import {
  bitsOf,
  finish,
  lastCheckpoint,
  prepareSmall,
  requestOf,
  type SmallRun,
  writeSmallOcean,
} from './small-ocean.ts';
import { zarrFiles } from './zarr-bytes.ts';

const file = writeSmallOcean();
const home = dirname(file);
const cache = { TERRELLA_CACHE: join(home, 'cache') };
const newDirectory = (): string => mkdtempSync(join(home, 'run-'));
afterAll(() => rmSync(home, { recursive: true }));

const DEEP = process.env.TERRELLA_DEPTH === 'deep';
const LITTLE = ['grid.cells=16', 'grid.tile=16', 'time.duration=2 h'];
const flags = LITTLE.flatMap((setting) => ['--set', setting]);

/** One line with a tag, and nothing of the program's inside. */
function expectOneLine(end: Ended, status: number, line: RegExp): void {
  expect(end.errors.split('\n').filter((one) => line.test(one))).toHaveLength(1);
  expect(end.errors).not.toMatch(/\n\s+at |InternalError|node:|\bE[A-Z]{3,}: /);
  expect([end.status, end.events.at(-1)?.event]).toEqual([status, 'failed']);
}

describe('the program says in one line what is wrong with its places, and how to mend it', () => {
  test('when a file stands where the output should go', async () => {
    const output = join(file, 'below', 'a-file');
    const end = await terrella(['run', file, ...flags, '--output', output, '--json'], cache).ended;
    expectOneLine(end, 1, /^NotWritable: .*small-ocean\.yaml\/below.*--output/);
  });

  test('and passes over a damaged checkpoint to the one before it', async () => {
    const output = newDirectory();
    const run = await prepareSmall(file, LITTLE);
    const end = await runScenario({ ...requestOf(run, output), interrupted: (step) => step >= 40 });
    expect(end.outcome).toBe('interrupted');
    const { scenario, identity, inputs } = run.loaded;
    writeFileSync(join(output, 'scenario.json'), JSON.stringify({ scenario, identity, inputs }));
    const directory = join(output, 'checkpoints');
    const keys = readdirSync(directory).sort();
    expect(keys.length).toBe(2);
    const bytes = readFileSync(join(directory, keys[1]!));
    bytes[bytes.length - 100]! ^= 1;
    writeFileSync(join(directory, keys[1]!), bytes);
    const resumed = await terrella(['resume', output, '--json'], cache).ended;
    expect(resumed.errors).toMatch(/passed over CheckpointDamaged: checkpoint-\d+\.terrella/);
    const { stateHash, chain } = await finish(run, newDirectory());
    const event = finishedEvent(resumed);
    expect([event.stateHash, event.chain]).toEqual([stateHash, chain]);
  });
});

tier(
  'the right to mount a tmpfs',
  canMount,
  'run the tests as root on Linux',
)('on a disk that cannot be written', () => {
  test('a run says so, and a cache there is done without', async () => {
    const disk = mkdtempSync(join(home, 'disk-'));
    expect(mountDisk(disk, 'size=64k,ro')).toBe(true);
    try {
      const refused = await terrella(['run', file, ...flags, '--output', join(disk, 'run'), '--json'], cache).ended;
      expectOneLine(refused, 1, /^NotWritable: .*disk-.*\(EROFS\).*--output/);
      const place = { TERRELLA_CACHE: disk };
      const run = await terrella(['run', file, ...flags, '--output', newDirectory(), '--json'], place).ended;
      const { stateHash } = await finish(await prepareSmall(file, LITTLE), newDirectory());
      expect(finishedEvent(run).stateHash).toBe(stateHash);
    } finally {
      spawnSync('umount', [disk]);
    }
  });
});

test('a run too large for a process says how large it is, and what to do', async () => {
  const { options } = (await prepareSmall(file, LITTLE)).prepared;
  expect(() => new CpuRun({ ...options, sampleCapacity: 2 ** 29 })).toThrow(
    /^RunTooLarge: .*need \d+ MiB, a process can address 4096\. Use fewer cells, or precision: float32\.$/,
  );
});

test('nothing shows through of a run whose process was killed while it was being replaced', async () => {
  const run = await prepareSmall(file, LITTLE);
  const [clean, place] = [newDirectory(), newDirectory()];
  await finish(run, clean);
  await finish(run, place);
  rmSync(join(place, 'run.zarr', 'zarr.json'));
  for (const name of readdirSync(join(place, 'run.zarr'), { recursive: true }).map(String)) {
    if (/c\.\d/.test(name))
      cpSync(join(clean, 'run.zarr', name), join(place, 'run.zarr', name.replace(/c\..*/, 'c.99.0.0.0')));
  }
  await finish(run, place);
  expect(zarrFiles(join(place, 'run.zarr'))).toEqual(zarrFiles(join(clean, 'run.zarr')));
});

describe('files that a run reads', () => {
  test('named and told how to be put back, when they have gone since it was loaded', async () => {
    const place = dirname(writeSmallOcean());
    const csv = 'seconds,metres\n0,0\n600,0.1\n';
    writeFileSync(join(place, 'gauge.csv'), csv);
    cpSync('scenarios/data/sources/tohoku2011-satake.csv', join(place, 'faults.csv'));
    const text = readFileSync(join(place, 'small-ocean.yaml'), 'utf8')
      .replace(/faults:\n(\s+- \{.*\n)+/, 'faults: faults.csv\n')
      .concat('observations: [{ station: gauge, longitude: 49, latitude: 30, file: gauge.csv }]\n');
    writeFileSync(join(place, 'files.yaml'), text);
    for (const [name, message] of [
      ['islands.asc', /islands\.asc/],
      ['faults.csv', /^InputUnreadable: .*faults\.csv cannot be read \(ENOENT\)\. Put it back/],
      ['gauge.csv', /^InputUnreadable: .*gauge\.csv cannot be read \(ENOENT\)\. Put it back/],
    ] as const) {
      const loaded = await loadNamed(join(place, 'files.yaml'), { set: LITTLE });
      const bytes = readFileSync(join(place, name));
      rmSync(join(place, name));
      const attempt = async () => {
        const settings = { threads: 1, form: 'wasm' as const, skipRest: true, cache: undefined };
        const prepared = await prepareRun(loaded.scenario, settings);
        await runScenario(requestOf({ loaded, prepared }, newDirectory()));
      };
      const error = (await attempt().catch((thrown: unknown) => thrown)) as Error;
      expect(error.message).toMatch(message);
      expect(error.message).toMatch(/^[A-Z][a-zA-Z]+: [^\n]+\.$/);
      writeFileSync(join(place, name), bytes);
    }
    rmSync(place, { recursive: true });
  });

  test('a damaged entry of the cache is computed anew', async () => {
    const entries = new Map<string, Uint8Array>();
    const settings = { cache: memoryStore(entries) };
    const first = await prepareSmall(file, LITTLE, settings);
    const [[key, bytes]] = [...entries] as [[string, Uint8Array]];
    const bitOf = ({ prepared }: SmallRun) => bitsOf([{ name: 'bed', panels: prepared.bed }]);
    for (const damage of [bytes.slice(0, 100), bytes.slice().fill(7, 200, 210), new Uint8Array(0)]) {
      entries.set(key, damage);
      expect(bitOf(await prepareSmall(file, LITTLE, settings))).toBe(bitOf(first));
      expect(Buffer.compare(entries.get(key)!, bytes)).toBe(0);
    }
  });
});

describe('a checkpoint that does not fit is refused with what differs', () => {
  let run: SmallRun;
  let directory: string;
  let checkpoint: Checkpoint;
  beforeAll(async () => {
    run = await prepareSmall(file, LITTLE);
    directory = newDirectory();
    await runScenario({ ...requestOf(run, directory), interrupted: (step) => step >= 20 });
    checkpoint = (await lastCheckpoint(directory))!;
  });

  const other = 'CheckpointFromOtherScenario';
  const shorter = (one: Checkpoint['prognostic']) =>
    one.map(({ name, panels }) => ({ name, panels: panels.map((panel) => panel.subarray(1)) }));
  const CASES: Readonly<Record<string, readonly [(one: Checkpoint) => Partial<Checkpoint>, RegExp]>> = {
    'of another scenario': [() => ({ scenario: 'ab12' }), new RegExp(`^${other}: .*scenario ab12, this run`)],
    'of another size': [() => ({ cellsX: 32, cellsY: 32 }), new RegExp(`^${other}: .*32 × 32, this run 16 × 16`)],
    'of another grid': [() => ({ gridFingerprint: 'ff' }), new RegExp(`^${other}: .*grid ff`)],
    'in another precision': [
      () => ({ precision: 'float64' }),
      new RegExp(`^${other}: .*precision float64, this run f`),
    ],
    'with another step': [() => ({ timeStep: 119 }), new RegExp(`^${other}: .*time step \\[s\\] of 119, this run 120`)],
    'beyond the end': [() => ({ step: 61 }), new RegExp(`^${other}: .*step 61, this run only 60`)],
    'of other kernels': [
      ({ extra }) => ({ extra: { ...(extra as object), kernelHash: '00' } }),
      /^CheckpointFromOtherVersion: .*kernels 00, this build .*--force/,
    ],
    'that lacks a field': [
      ({ auxiliary }) => ({ auxiliary: auxiliary.filter(({ name }) => name !== 'arrivalTime') }),
      /^CheckpointDamaged: .*lacks arrivalTime/,
    ],
    'whose fields are too short': [
      ({ prognostic }) => ({ prognostic: shorter(prognostic) }),
      /^CheckpointDamaged: .*has not 6 panels of 16 × 16 values in surface/,
    ],
    'whose panels are too few': [
      ({ prognostic }) => ({ prognostic: prognostic.map(({ name, panels }) => ({ name, panels: panels.slice(1) })) }),
      /^CheckpointDamaged: .*has not 6 panels/,
    ],
  };

  test.each(Object.entries(CASES))('%s', async (_, [change, message]) => {
    const resume = { ...checkpoint, ...change(checkpoint) };
    await expect(runScenario({ ...requestOf(run, directory), resume })).rejects.toThrow(message);
  });

  test('of other kernels, unless forced', async () => {
    const resume = { ...checkpoint, extra: { ...(checkpoint.extra as object), kernelHash: '00' } };
    const end = await runScenario({ ...requestOf(run, directory), resume, force: true, interrupted: () => true });
    expect(end).toMatchObject({ outcome: 'interrupted', step: checkpoint.step });
  });

  test.runIf(DEEP)('and so is one that another run has left in the directory, and an output that is gone', async () => {
    const place = newDirectory();
    const { scenario, identity, inputs } = run.loaded;
    cpSync(directory, place, { recursive: true });
    writeFileSync(join(place, 'scenario.json'), JSON.stringify({ scenario, identity, inputs }));
    rmSync(join(place, 'run.zarr'), { recursive: true });
    expectOneLine(await terrella(['resume', place, '--json'], cache).ended, 1, /^RunStoreMissing: /);
    const strange = await prepareSmall(file, [...LITTLE, 'model.parameters.manning=0.03 s m^-1/3']);
    rmSync(join(place, 'checkpoints'), { recursive: true });
    await finish(strange, place);
    expectOneLine(await terrella(['resume', place, '--json'], cache).ended, 1, /^CheckpointFromOtherScenario: /);
  });
});
