import { describe, expect, it } from 'vitest';
import { formatProblems } from '../../scenarios/problems.ts';
import { LIBRARY, load, loaded, MINIMAL, minimalPlane, problemsOf } from './library.ts';

describe('a scenario', () => {
  it('has its defaults filled in, in SI', async () => {
    const scenario = await loaded(MINIMAL);
    expect(scenario.title).toBe('minimal');
    expect(scenario.model).toMatchObject({
      precision: 'float32',
      parameters: { manning: 0.025, gravity: 9.80616, rotation: 7.292e-5 },
    });
    expect(scenario.grid).toEqual({
      kind: 'cubed-sphere',
      cells: 36,
      tile: 18,
      bathymetry: { type: 'constant', depth: 4000 },
    });
    expect(scenario.time).toEqual({
      start: '2000-01-01T00:00:00Z',
      duration: 3600,
      step: { kind: 'courant', courant: 1.4 },
    });
    expect(scenario.initial).toEqual({ seaLevel: 0 });
    expect(scenario.output).toMatchObject({ fields: [], stations: [], format: 'zarr' });
  });

  it('of a plane has x and y in place of longitude and latitude, and no rotation', async () => {
    const scenario = await loaded(
      minimalPlane(
        'sources: [{ type: solitary-wave, height: 2 cm, position: 5 m, depth: 1 m }]\noutput: { stations: [{ name: gauge, x: 3 m, y: 1 m }] }',
      ),
    );
    expect(scenario.grid).toMatchObject({
      kind: 'plane',
      tileX: 50,
      tileY: 10,
      sizeX: 50,
      sizeY: 5,
      boundary: { x: 'wall', y: 'wall' },
    });
    expect(scenario.grid.bathymetry).toEqual({ type: 'slope', depth: 1, toe: 20, gradient: 0.05, rises: 'east' });
    expect(scenario.sources[0]).toMatchObject({
      type: 'solitary-wave',
      height: 0.02,
      position: 5,
      depth: 1,
      heading: 'east',
    });
    expect(scenario.output.stations).toEqual([{ name: 'gauge', longitude: 3, latitude: 1, every: 60 }]);
    expect(scenario.model.parameters.rotation).toBe(0);
  });

  it('reads the same from YAML, from JSON, and with Windows line ends', async () => {
    const scenario = await loaded(MINIMAL);
    const json = JSON.stringify({
      terrella: 1,
      name: 'minimal',
      model: { equations: 'tsunami' },
      grid: { cells: 36, tile: 18, bathymetry: { constant: '4 km' } },
      time: { start: '2000-01-01T00:00:00Z', duration: '1 h' },
    });
    expect(await loaded(json)).toEqual(scenario);
    expect(await loaded(MINIMAL.replaceAll('\n', '\r\n'))).toEqual(scenario);
    expect(await loaded(`\uFEFF${MINIMAL}`)).toEqual(scenario);
  });

  it('gives inline faults in the form of the engine', async () => {
    const fault =
      'longitude: 287.332, latitude: -35.826, depth: 35 km, length: 450 km, width: 100 km, strike: 16, dip: 14, rake: 104, slip: 15 m';
    const { sources } = await loaded(
      `${MINIMAL}sources: [{ type: earthquake, magnitude: 8.8, faults: [{ ${fault}, rise: 30 s, rigidity: 50 GPa }] }]`,
    );
    expect(sources[0]).toMatchObject({
      faults: {
        kind: 'inline',
        subfaults: [
          {
            name: '1',
            longitude: 287.332 - 360,
            depth: 35_000,
            reference: 'top-centre',
            slip: [{ start: 0, rise: 30, slip: 15 }],
            rigidity: 50e9,
          },
        ],
      },
      horizontal: true,
      scale: 1,
    });
  });

  it('finds the mooring of a DART buoy in the year of the run', async () => {
    const at = async (id: string, year: string) => {
      const text = `${MINIMAL.replace('2000-01-01', year)}observations: [{ dart: ${id}, file: x.csv }]`;
      const { observations } = await loaded(text, { fileExists: () => true });
      return [observations[0]!.longitude, observations[0]!.latitude];
    };
    expect(await at('32412', '2010-02-27')).toEqual([-86.392, -17.975]);
    expect(await at('32412', '2016-02-27')).toEqual([-86.33, -17.98]);
    expect(await at('21413', '2011-03-11')).toEqual([152.1167, 30.5153]);
    expect(await at('21418', '2011-03-11')).toEqual([148.694, 38.711]);
  });
});

describe('problems', () => {
  it('are all listed at once, each at its place', async () => {
    const text = `terrella: 1
name: Bad Name
titel: nothing
model: { equations: tsunam, parameters: { manning: 0.025 } }
grid: { cells: 541, tile: 90, bathymetry: etopo6 }
time: { start: 2011-03-11T05:46:18, duration: 36000, courant: 2, step: 30 s }
sources: [{ type: gausian }, { type: gaussian, x: 1 m, y: 1 m, height: 15, radius: 1 km }]
output: { stations: [{ name: Hilo, longitude: 1, latitude: 91 }, { name: Hilo, longitude: 1, latitude: 1 }] }
expect: [{ metric: stations.Hillo.firstPeak, below: 3 }, { metric: stateHash, equals: 1 }]
name: again
`;
    expect(await problemsOf(text)).toEqual([
      '2:7 name: "Bad Name" does not fit here',
      '3:1 titel: the key "titel" is not known',
      '4:21 model.equations: "tsunam" is not known here; known are tsunami, shallow-water, transport',
      '4:52 model.parameters.manning: 0.025 is a bare number where a roughness (Manning’s n) is needed',
      '5:27 grid.tile: a tile of 90 cells does not divide cells: 541',
      '5:43 grid.bathymetry: no bathymetry is called "etopo6"',
      '6:16 time.start: "2011-03-11T05:46:18" does not say that it is UTC',
      '6:47 time.duration: 36000 is a bare number where a time is needed',
      '6:63 time.courant: 2 is out of range',
      '6:72 time.step: step and courant both set the time step',
      '7:19 sources[0].type: "gausian" is not known here; known are earthquake, gaussian, surface, solitary-wave, incident-wave',
      '7:51 sources[1].x: x has no meaning here',
      '7:59 sources[1].y: y has no meaning here',
      '7:72 sources[1].height: 15 is a bare number where a length is needed',
      '8:60 output.stations[0].latitude: "91" is out of range',
      '8:74 output.stations[1]: "Hilo" is there twice',
      '9:20 expect[0].metric: the scenario has no station "Hillo"',
      '9:53 expect[0].below: 3 is a bare number where a length is needed',
      '9:68 expect[1].metric: a state hash is no expectation: every change of the engine changes it',
      '10:1 name: the key is there twice, first in line 2',
    ]);
  });

  it.each([
    ['titel: x', 'did you mean "title"?'],
    ['extend: tohoku-2011', 'did you mean "extends"?'],
    ['oberservations: []', 'did you mean "observations"?'],
    ['ensemble: { members: 3 }', 'run the members one by one'],
    ['forcing: []', 'remove it'],
    ['observations: [{ dart: 21414x }]', 'five digits'],
    ['observations: [{ dart: 21414, file: a.csv, longitude: 3 }]', 'add latitude'],
    ["observations: [{ dart: '99999' }]", 'state its longitude and latitude'],
    ['observations: [{ station: Hilo }]', 'add file'],
    ['sources: [{ type: surface, file: none.nc }]', 'correct the path'],
    ['sources: [{ type: solitary-wave, height: 1 m, position: 1 m, depth: 2 m }]', 'add kind: plane'],
    [
      'sources: [{ type: gaussian, longitude: 1, latitude: 1, height: 1 m, radius: 1 km, begin: 2 h }]',
      'earlier begin',
    ],
    ['expect: [{ metric: maximumSpeed, equals: 0 }]', 'write 0 m/s'],
    ['expect: [{ metric: maximumSpeed, between: [2 m/s, 1 m/s] }]', 'between: [least, most]'],
    [
      'output: { stations: [{ name: A, longitude: 1, latitude: 1 }] }\nexpect: [{ metric: stations.A.correlation, above: 0.9 }]',
      'add its record to observations',
    ],
    ['expect: [{ metric: maximumSped, below: 1 m/s }]', 'write maximumSpeed'],
    ['output: { fields: [{ name: sea_surface_height }] }', 'write sea_surface_height_above_mean_sea_level'],
    ['output: { latitudeLongitude: 1 km }', 'for example 0.25'],
    ['output: { stations: [{ name: A, longitude: 1, latitude: 1, every: 1e-5 s }] }', 'write at least 0.001 s'],
    ['output: { fields: [{ name: maximum_speed, every: 1e-9 s }] }', 'write at least 0.001 s'],
    ['output: { checkpoints: { every: 1e-9 s } }', 'write at least 0.001 s'],
  ])('%s is cured by: %s', async (line, cure) => {
    const result = await load(`${MINIMAL}${line}\n`);
    expect(result.ok).toBe(false);
    if (!result.ok) expect(formatProblems(result.problems)).toContain(cure);
  });

  it('of a field that is no tracer of the scenario, with the nearest name', async () => {
    const text = (tracer: string, field: string) =>
      `${MINIMAL.replace('tsunami }', `tsunami, tracers: [{ name: ${tracer} }] }`)}output: { fields: [{ name: ${field} }] }`;
    expect((await loaded(text('salinity', 'salinity'))).output.fields).toEqual([
      { name: 'salinity', every: undefined },
    ]);
    const result = await load(text('salinity', 'salinty'));
    expect(result.ok ? '' : formatProblems(result.problems)).toMatch(/"salinty" is not known here; .*write salinity/s);
    expect((await problemsOf(text('dye', 'salinity'))).length).toBe(1);
    for (const taken of ['maximum_amplitude', 'time', 'surface'])
      expect((await problemsOf(text(taken, 'arrival_time'))).join()).toContain(`has a field called ${taken} already`);
  });

  it('of an earthquake on a plane, whose metres are no degrees', async () => {
    const fault =
      'longitude: 1, latitude: 1, depth: 1 km, length: 9 km, width: 5 km, strike: 0, dip: 9, rake: 90, slip: 1 m';
    for (const faults of [`{ ${fault} }`, 'humps.csv'])
      expect(
        await problemsOf(minimalPlane(`sources: [{ type: earthquake, faults: ${faults} }]`), {
          files: { [`${LIBRARY}/humps.csv`]: '' },
        }),
      ).toEqual([
        '6:11 sources[0]: an earthquake lies at longitudes and latitudes, and this grid is a plane in metres',
      ]);
  });

  it.each([
    ['', 'the file is empty'],
    ['- a list', 'the file is no block of keys'],
    ['just text', 'the file is no block of keys'],
    ['a: [1, 2', 'no valid YAML'],
    ['a: b: c', 'no valid YAML'],
    ['\tname: x', 'no valid YAML'],
    ['terrella: 1\n---\nterrella: 1', 'no valid YAML'],
    ['%YAML 1.1\n---\nname: x', 'YAML 1.1'],
    ['name: !!binary aGk=', 'no text, number, true or false'],
    ['? [a]\n: b', 'a key is not a word'],
    ['name: *nobody', 'stands for nothing'],
    ['a: &a [*a]', 'stands for nothing'],
  ])('of syntax: %j', async (text, message) => {
    expect((await problemsOf(text)).join('\n')).toContain(message);
  });

  it('of a later format and of none', async () => {
    expect(await problemsOf(MINIMAL.replace('terrella: 1', 'terrella: 2'))).toEqual([
      '1:11 terrella: the file is of format 2, and this program reads format 1',
    ]);
    expect(await problemsOf(MINIMAL.replace('terrella: 1\n', ''))).toEqual(['1:1 terrella: "terrella" is missing']);
  });

  it('in the small version are found when the whole is loaded', async () => {
    expect(await problemsOf(`${MINIMAL}small: { grid: { cells: 37, tile: 18 } }`)).toEqual([
      '6:35 grid.tile: a tile of 18 cells does not divide cells: 37',
    ]);
  });

  it('stop at a number that can be read', async () => {
    const result = await load(Array.from({ length: 5000 }, (_, n) => `key${n}: 1`).join('\n'));
    expect(result.ok ? 0 : result.problems.length).toBe(201);
  });
});

describe('texts made to exhaust the reader are refused in time', () => {
  const bomb = (levels: number) =>
    `a0: &a0 [x, x, x, x, x, x, x, x, x]\n${Array.from({ length: levels }, (_, n) => `a${n + 1}: &a${n + 1} [${Array(9).fill(`*a${n}`).join(', ')}]`).join('\n')}`;
  it.each([
    ['aliases of aliases', bomb(9)],
    ['brackets', '['.repeat(60_000)],
    ['braces', '{a: '.repeat(15_000)],
    ['compact lists', '- '.repeat(31_000)],
    ['compact keys', '? '.repeat(31_000)],
    ['stairs of keys', Array.from({ length: 340 }, (_, n) => `${' '.repeat(n)}a:`).join('\n')],
    ['one long key', `${'k'.repeat(60_000)}: 1`],
    ['one long number', `a: ${'9'.repeat(60_000)}`],
    ['many keys', Array.from({ length: 6_000 }, (_, n) => `k${n}: 1`).join('\n')],
    ['the same key', 'k: 1\n'.repeat(12_000)],
    ['many quotes', '"'.repeat(60_000)],
    ['many anchors', '&a '.repeat(21_000)],
    ['many tags', '!t '.repeat(21_000)],
    ['many documents', '---\n'.repeat(15_000)],
    ['many comments', '#\n'.repeat(31_000)],
    ['many directives', '%A b\n'.repeat(10_000)],
    ['a huge file', 'x'.repeat(3_000_000)],
    ['control characters', '\0\u0001\u0002'.repeat(21_000)],
    ['lone surrogates', '\ud800'.repeat(60_000)],
    ['block scalars', '|\n'.repeat(31_000)],
    ['tabs', '\t'.repeat(60_000)],
  ])('%s', async (_, text) => {
    const begin = performance.now();
    const problems = await problemsOf(text);
    expect(problems.length).toBeGreaterThan(0);
    expect(performance.now() - begin).toBeLessThan(3000);
  });
});

describe('extends', () => {
  const parent = `${MINIMAL}title: Parent\noutput: { format: none, stations: [{ name: A, longitude: 1, latitude: 2 }] }\nsmall: { time: { duration: 10 min } }\n`;
  const files = { [`${LIBRARY}/parent.yaml`]: parent };

  it('lays maps over maps and replaces anything else', async () => {
    const child = 'terrella: 1\nextends: parent\nname: child\ngrid: { cells: 72 }\noutput: { stations: [] }\n';
    const scenario = await loaded(child, { files });
    expect(scenario).toMatchObject({
      name: 'child',
      title: 'Parent',
      grid: { cells: 72, tile: 18 },
      output: { format: 'none', stations: [] },
    });
    expect((await loaded(child, { files, variant: 'small' })).time.duration).toBe(600);
  });

  it('takes a key away that is null', async () => {
    expect((await loaded('extends: parent\ntitle: null\n', { files })).title).toBe('minimal');
  });

  it('lets step displace courant, and one bed another', async () => {
    const scenario = await loaded('extends: parent\ntime: { step: 30 s }\ngrid: { bathymetry: etopo5 }', {
      files: { [`${LIBRARY}/parent.yaml`]: parent.replace('duration: 1 h', 'duration: 1 h, courant: 1') },
    });
    expect(scenario.time.step).toEqual({ kind: 'fixed', seconds: 30 });
    expect(scenario.grid.bathymetry).toMatchObject({ type: 'layers' });
  });

  it('reports problems in the file that they are in', async () => {
    const result = await load('extends: parent\nname: child', {
      files: { [`${LIBRARY}/parent.yaml`]: `${parent}colour: red\n` },
    });
    expect(result).toMatchObject({
      ok: false,
      problems: [{ file: `${LIBRARY}/parent.yaml`, line: 9, path: 'colour' }],
    });
  });

  it('counts paths from the file that states them', async () => {
    const text = `${MINIMAL}sources: [{ type: earthquake, faults: table.csv }]`;
    const scenario = await loaded('extends: elsewhere/quake.yaml', {
      files: { [`${LIBRARY}/elsewhere/quake.yaml`]: text, [`${LIBRARY}/elsewhere/table.csv`]: '' },
    });
    expect(scenario.sources[0]).toMatchObject({ faults: { kind: 'file', file: `${LIBRARY}/elsewhere/table.csv` } });
  });

  it.each(['/dev/zero', '.', 'data/README.md', '[a, b]', 'http://localhost/a.yaml', `${'x'.repeat(2000)}.yaml`])(
    'reads no %s',
    async (path) => {
      const problems = await problemsOf(`extends: ${path}`);
      expect(problems).toEqual([expect.stringContaining('1:10 extends: ')]);
    },
  );

  it('in a circle, of nothing, and in a long row is refused', async () => {
    expect(await problemsOf('extends: test.yaml')).toEqual([
      expect.stringContaining('1:10 extends: extends goes round in a circle'),
    ]);
    expect((await problemsOf('extends: nowhere')).join()).toContain(
      '1:10 extends: scenarios/nowhere.yaml cannot be read',
    );
    const row = Object.fromEntries(
      Array.from({ length: 20 }, (_, n) => [`${LIBRARY}/s${n}.yaml`, `extends: s${n + 1}`]),
    );
    expect((await problemsOf('extends: s0', { files: row })).join()).toContain('files extend one another');
  });
});

describe('--set', () => {
  it('changes keys, items by number and by name, and adds what is not there', async () => {
    const text = `${MINIMAL}sources: [{ type: gaussian, longitude: 1, latitude: 1, height: 1 m, radius: 100 km }]\noutput: { stations: [{ name: Hilo, longitude: 1, latitude: 2 }] }`;
    const scenario = await loaded(text, {
      overrides: [
        'grid.cells=72',
        'time.duration=2 h',
        'time.step=30 s',
        'sources[0].height=2 m',
        'output.stations.Hilo.every=5 s',
        'model.precision=float64',
        'title=A title',
      ],
    });
    expect(scenario).toMatchObject({
      title: 'A title',
      grid: { cells: 72 },
      time: { duration: 7200, step: { kind: 'fixed', seconds: 30 } },
      sources: [{ height: 2 }],
      output: { stations: [{ every: 5 }] },
      model: { precision: 'float64' },
    });
  });

  it.each([
    ['grid.cels=3', '--set grid.cels:1:1: grid.cels: the key "cels" is not known'],
    ['time.duration=1 hh', '--set time.duration:1:15: time.duration: the unit "hh" is not known'],
    ['sources[9].height=1 m', '--set sources[9].height:1:1: sources[9].height'],
    ['nonsense', '--set nonsense:1:1: nonsense: there is no value'],
    ['=3', 'this names no key'],
    ['grid.cells=', 'there is no value'],
    ['grid.cells=[1', 'no valid YAML'],
    ['..a=1', 'this names no key'],
  ])('names itself in problems: %s', async (setting, expected) => {
    const result = await load(`${MINIMAL}sources: []\n`, { overrides: [setting] });
    expect(result.ok ? '' : formatProblems(result.problems)).toContain(expected);
  });
});
