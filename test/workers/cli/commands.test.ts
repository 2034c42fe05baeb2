import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildProgram } from '../../../workers/cli/program.ts';
import { type Ended, start, workplace } from './terrella.ts';

const cwd = workplace();
/** Keys of every event that these tests have seen. */
const seen = new Map<string, Set<string>>();
async function terrella(...words: string[]): Promise<Ended> {
  const ended = await start(cwd, words);
  for (const { event, ...others } of ended.events) {
    const keys = seen.get(event as string) ?? new Set();
    for (const key of Object.keys(others)) keys.add(key);
    seen.set(event as string, keys);
  }
  return ended;
}
const last = ({ events }: Ended) => events.at(-1)!;
let begun: Ended;

beforeAll(async () => {
  begun = await terrella('start', 'ring.yaml', '--output', 'ring', '--no-serve', '--json');
}, 60_000);

afterAll(() => rmSync(cwd, { recursive: true, force: true }));

/** Width and height of a PNG file. */
function pngSize(file: string): readonly [number, number] {
  const bytes = readFileSync(file);
  expect(bytes.subarray(1, 4).toString('latin1')).toBe('PNG');
  return [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
}

describe('start and plot', () => {
  it('start draws the maximum amplitude and the stations, and ends with its result', () => {
    expect(begun.status).toBe(0);
    const plotted = begun.events.filter(({ event }) => event === 'plotted');
    expect(plotted.map(({ what }) => what)).toEqual(['maximum-amplitude', 'stations']);
    for (const { file } of plotted) expect(pngSize(file as string)[0]).toBeGreaterThan(1000);
    expect(last(begun).event).toBe('finished');
    expect(begun.stderr).toContain(join('ring', 'plots', 'maximum-amplitude.png'));
  });

  it('plot draws everything a run has, and its stations as lines of characters', async () => {
    const drawn = await terrella('plot', 'ring', '--output', 'pictures', '--json');
    expect(drawn.status).toBe(0);
    expect(drawn.events.map(({ what }) => what)).toEqual([
      'maximum-amplitude',
      'arrival-time',
      'sea-surface',
      'stations',
    ]);
    for (const { file, bytes } of drawn.events) expect(readFileSync(file as string).length).toBe(bytes);
    expect(drawn.stderr).toMatch(/near by .*[▁▂▃▄▅▆▇█]{20,} -?\d\.\d\d … \d\.\d\d m/);
  });

  it('plot draws the sea surface at the frames nearest to the times asked for', async () => {
    const words = ['--what', 'sea-surface', '--time', '1 h', '--time', 'PT4H', '--region', '0,60,-10,50'];
    const drawn = await terrella('plot', 'ring', ...words, '--output', 'moments');
    expect(drawn.status).toBe(0);
    expect(drawn.stdout.trim().split('\n')).toEqual(
      ['01h00', '04h00'].map((time) => join('moments', `sea-surface-${time}.png`)),
    );
  });
});

describe('a plane', () => {
  it('has pictures of its stations, and no map', async () => {
    writeFileSync(
      join(cwd, 'basin.yaml'),
      `terrella: 1
name: basin
model: { equations: tsunami, precision: float64 }
grid: { kind: plane, cellsX: 40, cellsY: 20, tile: [20, 20], size: [400 km, 200 km], bathymetry: { constant: 1 km } }
time: { start: 2000-01-01T00:00:00Z, duration: 20 min, courant: 1.2 }
sources: [{ type: gaussian, x: 200 km, y: 100 km, height: 1 m, radius: 40 km }]
output:
  fields: [{ name: maximum_amplitude }]
  stations: [{ name: corner, x: 10 km, y: 10 km }]
`,
    );
    const basin = await terrella('start', 'basin.yaml', '--output', 'basin', '--no-serve', '--json');
    expect(basin.status).toBe(0);
    expect(basin.events.flatMap(({ event, what }) => (event === 'plotted' ? [what] : []))).toEqual(['stations']);
    const map = await terrella('plot', 'basin', '--what', 'maximum-amplitude', '--json');
    expect([map.status, last(map).error]).toEqual([2, 'NoMap']);
  });
});

describe('export', () => {
  it('writes NetCDF and CSV, and over neither unless told to', async () => {
    const both = await terrella('export', 'ring', '--json');
    expect(both.status).toBe(0);
    expect(both.events.map(({ kind }) => kind)).toEqual(['netcdf', 'csv', 'csv']);
    const [netcdf, csv] = both.events.map(({ file }) => file as string);
    expect(readFileSync(netcdf!).subarray(1, 4).toString('latin1')).toBe('HDF');
    expect(readFileSync(csv!, 'utf8').split('\n').length).toBeGreaterThan(360);
    for (const words of [['--netcdf'], ['--csv'], []]) {
      const again = await terrella('export', 'ring', ...words, '--json');
      expect([again.status, last(again).error]).toEqual([2, 'OutputExists']);
    }
    const elsewhere = await terrella('export', 'ring', '--netcdf', 'deep/er/ring.nc', '--native', '--json');
    expect([elsewhere.status, elsewhere.events.length]).toEqual([0, 1]);
    expect(existsSync(join(cwd, 'deep/er/ring.nc'))).toBe(true);
    expect((await terrella('export', 'ring', '--csv', '--replace')).status).toBe(0);
  });
});

describe('validate and describe', () => {
  it('validate lists every problem with its place and cure, and exits with 2', async () => {
    const text = readFileSync(join(cwd, 'ring.yaml'), 'utf8');
    const broken = text.replace('cells: 24', 'cels: 24').replace('duration: 6 h', 'duration: 6').replace('1 m', '1 s');
    writeFileSync(join(cwd, 'broken.yaml'), broken);
    const found = await terrella('validate', 'broken.yaml', 'ring.yaml', '--json');
    expect(found.status).toBe(2);
    const problems = found.events.filter(({ event }) => event === 'problem');
    expect(problems.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['grid.cels', 'time.duration', 'sources[0].height']),
    );
    for (const problem of problems) {
      expect(Object.keys(problem)).toEqual(
        expect.arrayContaining(['scenario', 'file', 'line', 'column', 'path', 'message', 'cure']),
      );
      expect(problem.line).toBeGreaterThan(1);
    }
    const validated = found.events.filter(({ event }) => event === 'validated');
    expect(validated).toMatchObject([
      { scenario: 'broken.yaml', ok: false, problems: problems.length },
      { scenario: 'ring.yaml', ok: true, problems: 0, errors: 0, identity: last(begun).identity },
    ]);
  });

  it('validate warns of what is odd, and exits with 0', async () => {
    const odd = await terrella('validate', 'ring.yaml', '--set', 'output.fields[0].every=7 h', '--json');
    expect(odd.status).toBe(0);
    expect(odd.events).toMatchObject([
      { event: 'finding', severity: 'warning', tag: 'NeverWritten', path: 'output.fields[0].every' },
      { event: 'validated', ok: true, warnings: 1 },
    ]);
  });

  it('describe says what a run will take, and the run takes it', async () => {
    const described = last(await terrella('describe', 'ring.yaml', '--json'));
    const finished = last(begun);
    expect(described).toMatchObject({
      event: 'described',
      scenario: 'ring',
      identity: finished.identity,
      grid: { kind: 'cubed-sphere', panels: 6, cellsX: 24, cellsY: 24, cells: 3456, tiles: 24, tile: [12, 12] },
      time: { duration: 21600, steps: finished.steps },
      stations: [
        { name: 'near by', depth: 4000 },
        { name: 'far', depth: 4000 },
      ],
    });
    const { timeStep, worst } = described.time as { timeStep: number; worst: { depth: number; waveSpeed: number } };
    expect(timeStep * (finished.steps as number)).toBeCloseTo(21600, 6);
    expect(worst).toMatchObject({ depth: 4000 });
    expect(worst.waveSpeed).toBeCloseTo(Math.sqrt(4000 * 9.80616), 6);
    const { memoryBytes } = described.prediction as { memoryBytes: number };
    // Nearly all of it is the program itself.
    expect((finished.peakMemoryMiB as number) * 2 ** 20).toBeLessThan(4 * memoryBytes);
    expect(described.kernelHash).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe('an earthquake whose table states a rigidity', () => {
  it('has one magnitude, whichever command says it', async () => {
    const table = `# terrella-faults 1
# title: made for this test
# citation: none
# licence: none
# kind: earthquake
# reference point: top-centre
# rigidity [GPa]: 80
# magnitude: 8.9
subfault,longitude [degrees_east],latitude [degrees_north],depth [km],length [km],width [km],strike [degrees],dip [degrees],rake [degrees],start [s],rise [s],slip [m]
1,30,20,10,400,100,0,15,90,0,0,10
`;
    writeFileSync(join(cwd, 'faults.csv'), table);
    const text = readFileSync(join(cwd, 'ring.yaml'), 'utf8');
    const quake = text.replace(
      / {2}- \{ type: gaussian.*\n/,
      '  - { type: earthquake, faults: ./faults.csv, scale: 0.5 }\n',
    );
    writeFileSync(join(cwd, 'quake.yaml'), quake);
    // 80 GPa × 400 km × 100 km × 10 m × 0.5
    const moment = 1.6e22;
    const magnitude = (2 / 3) * (Math.log10(moment) - 9.05);
    const described = last(await terrella('describe', 'quake.yaml', '--json'));
    const [source] = described.sources as [{ moment: number; magnitude: { implied: number; stated: number } }];
    expect(source.moment / moment).toBeCloseTo(1, 12);
    expect(source.magnitude.implied).toBeCloseTo(magnitude, 12);
    expect(source.magnitude.stated).toBe(8.9);
    const [finding] = (await terrella('validate', 'quake.yaml', '--json')).events;
    expect(finding).toMatchObject({ tag: 'MagnitudeMismatch' });
    expect(finding!.message).toContain(`magnitude ${magnitude.toFixed(2)}, and the magnitude stated is 8.9`);
  });
});

describe('doctor', () => {
  it('says what is here, and cures what is not', async () => {
    const said = await terrella('doctor', '--json');
    expect(said.status).toBe(0);
    const {
      event,
      checks,
      millionCellStagesPerSecond: speed,
    } = last(said) as never as {
      event: string;
      checks: { name: string; ok: boolean; needed: boolean; found: string; cure?: string }[];
      millionCellStagesPerSecond: { float32: number; float64: number };
    };
    expect(event).toBe('doctor');
    expect(checks.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['cores', 'WebAssembly SIMD', 'threads', 'memory', 'graphics processor', 'nats-server']),
    );
    for (const { name, ok, cure } of checks) expect(ok || cure !== undefined, name).toBe(true);
    expect(Math.min(speed.float32, speed.float64)).toBeGreaterThan(0.1);
  });
});

describe('wrong usage', () => {
  const wrong: readonly (readonly [words: string, error: string, message: RegExp])[] = [
    ['rnu ring.yaml', 'Usage', /Did you mean run\?/],
    ['run ring.yaml --threds 2', 'Usage', /Did you mean --threads\?/],
    ['run ring.yaml --threads many', 'Usage', /whole number from 1/],
    ['run ring.yaml --backend gpu', 'Usage', /wasm, js, reference/],
    ['run', 'Usage', /missing required argument 'scenario'/],
    ['run tohoku-2012', 'ScenarioMissing', /Did you mean tohoku-2011\?/],
    ['run .', 'ScenarioMissing', /there is no scenario \./],
    ['run ./cache.yaml', 'ScenarioMissing', /there is no file/],
    ['run ring.yaml --set grid.cels=3', 'ScenarioInvalid', /did you mean "cells"\?/],
    ['run ring.yaml --output ring.yaml', 'NotWritable', /a file stands where a directory is needed/],
    ['describe ring.yaml --set time.duration=long', 'ScenarioInvalid', /time\.duration/],
    ['resume nowhere', 'RunMissing', /no directory nowhere/],
    ['resume cache', 'RunMissing', /holds no run/],
    ['resume ring/run.zarr', 'RunMissing', /Did you mean ring\?/],
    ['plot ring --what maximum-amplitudes', 'Usage', /Did you mean maximum-amplitude\?/],
    ['plot ring --time 5', 'Usage', /write 5 s/],
    ['plot ring --limits 2,1', 'Usage', /two rising numbers/],
    ['plot ring --region 0,10,20', 'Usage', /west, east, south and north/],
    ['export empty', 'RunDamaged', /is no JSON/],
    ['compare ring', 'Usage', /missing required argument 'b'/],
    ['verify ring --from noon', 'NothingToVerify', /--from noon/],
  ];

  it.each(wrong)('%s: one line with place and cure', async (words, error, message) => {
    if (words.includes('empty')) {
      cpSync(join(cwd, 'ring'), join(cwd, 'empty'), { recursive: true });
      writeFileSync(join(cwd, 'empty/scenario.json'), '{ "scenario": ');
    }
    const { status, events, stderr } = await terrella(...words.split(' '), '--json');
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({ event: 'failed', error });
    expect(events[0]!.message).toMatch(message);
    expect(status).toBe(error === 'NotWritable' ? 1 : 2);
    expect(stderr).not.toMatch(/\n\s+at |node:internal/);
  });

  it('an empty path is no directory', async () => {
    for (const words of [
      ['run', 'ring.yaml', '--output', ''],
      ['start', 'ring.yaml', '--output', ' '],
      ['plot', 'ring', '--output', ''],
      ['export', 'ring', '--csv', ''],
    ]) {
      const { status, events } = await terrella(...words, '--json');
      expect([status, events.length, events[0]!.error]).toEqual([2, 1, 'Usage']);
      expect(events[0]!.message).toContain('The path is empty');
    }
    expect(existsSync(join(cwd, 'scenario.json'))).toBe(false);
  });

  it('every command shows examples with --help, and exits with 0', async () => {
    const help = await terrella('--help');
    expect(help.status).toBe(0);
    const commands = [...help.stdout.matchAll(/^ {2}([a-z]+) \[options\]/gm)].map(([, name]) => name!);
    expect(commands).toEqual([
      'start',
      'run',
      'resume',
      'verify',
      'validate',
      'describe',
      'doctor',
      'bench',
      'compare',
      'plot',
      'export',
      'coordinator',
      'node',
      'submit',
      'runs',
      'nodes',
      'credits',
      'watch',
      'drain',
      'cancel',
      'cluster',
    ]);
    // The others as that process builds them, without one for each.
    const program = buildProgram();
    const commandOf = (words: string): Command =>
      words.split(' ').reduce((command, word) => command.commands.find((one) => one.name() === word)!, program);
    const keys = commandOf('cluster').commands.map((command) => `cluster ${command.name()}`);
    expect(keys).toEqual(['cluster init', 'cluster add', 'cluster revoke', 'cluster renew']);
    for (const words of [...commands, ...keys]) {
      let told = '';
      const command = commandOf(words);
      command.configureOutput({ writeOut: (text) => (told += text) }).outputHelp();
      expect(told, words).toContain(`Examples:\n  terrella ${words}`);
    }
  });
});

describe('docs/command-line.md', () => {
  it('names every key of every event', async () => {
    for (const words of [
      ['verify', 'ring'],
      ['compare', 'ring', 'ring'],
    ]) {
      expect((await terrella(...words, '--json')).status).toBe(0);
    }
    const text = readFileSync(new URL('../../../docs/command-line.md', import.meta.url), 'utf8');
    const events = [...text.matchAll(/\*\*`(\w+)`\*\*(.*?)(?=\*\*`|\n## )/gs)];
    const documented = new Map(events.map(([, name, keys]) => [name!, keys!]));
    // Errors carry what they know, listed there by their tags.
    seen.delete('failed');
    expect([...documented.keys()]).toEqual(expect.arrayContaining([...seen.keys()]));
    expect(seen.size).toBeGreaterThan(9);
    for (const [event, keys] of seen) {
      for (const key of keys) expect(documented.get(event), event).toContain(`\`${key}\``);
    }
  });
});
