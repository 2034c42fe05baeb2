import { describe, expect, it } from 'vitest';
import { canonicalJson, hashInputs, inputFiles, scenarioIdentity } from '../../scenarios/identity.ts';
import { LIBRARY, type load, loaded, MINIMAL } from './library.ts';

const identify = async (text: string, options: Parameters<typeof load>[1] = {}): Promise<string> => {
  const scenario = await loaded(text, options);
  const inputs = await hashInputs(scenario, (path) => options.files?.[path]);
  if (!inputs.ok) throw new Error(`missing ${inputs.missing}`);
  return scenarioIdentity(scenario, inputs.hashes);
};

describe('canonical JSON', () => {
  it('has sorted keys, shortest numbers, and nothing undefined', () => {
    expect(
      canonicalJson({ b: 1.5, a: [1e21, 1e-7, -0, 0.1 + 0.2], ä: null, A: undefined, c: { y: 'x"\n', x: true } }),
    ).toBe('{"a":[1e+21,1e-7,0,0.30000000000000004],"b":1.5,"c":{"x":true,"y":"x\\"\\n"},"ä":null}');
  });
  it('refuses what JSON cannot say', () => {
    expect(() => canonicalJson({ a: Number.NaN })).toThrow('finite');
    expect(() => canonicalJson(() => 1)).toThrow('plain data');
  });
});

describe('the identity of a scenario', () => {
  it('is that of what it says, not of how it is written', async () => {
    const reference = await identify(MINIMAL);
    expect(reference).toMatch(/^[0-9a-f]{64}$/);
    const rewritten = `time: { duration: 60 min, start: 2000-01-01T00:00:00Z, courant: 1.4 }
grid: { bathymetry: { constant: 4000 m }, tile: 18, cells: 36 }
model: { equations: tsunami, precision: float32, parameters: { manning: 2.5e-2 s m^-1/3 } }
terrella: 1
name: minimal # a comment
sources: []
`;
    expect(await identify(rewritten)).toBe(reference);
    expect(await identify(MINIMAL, { fileName: 'elsewhere/copy.yaml' })).toBe(reference);
    expect(await identify('extends: parent', { files: { [`${LIBRARY}/parent.yaml`]: MINIMAL } })).toBe(reference);
    expect(await identify(MINIMAL.replace('1 h', '2 h'), { overrides: ['time.duration=1 h'] })).toBe(reference);
    expect(await identify(`${MINIMAL}small: { time: { duration: 1 min } }`)).toBe(reference);
  });

  it.each([
    ['name: minimal', 'name: other'],
    ['duration: 1 h', 'duration: 3601 s'],
    ['cells: 36', 'cells: 54'],
    ['4 km', '4001 m'],
    ['equations: tsunami', 'equations: tsunami, precision: float64'],
  ])('changes with %s → %s', async (from, to) => {
    expect(await identify(MINIMAL.replace(from, to))).not.toBe(await identify(MINIMAL));
  });

  it('follows the content of input files, not their names', async () => {
    const withTable = (file: string) => `${MINIMAL}sources: [{ type: earthquake, faults: ${file} }]`;
    const files = { [`${LIBRARY}/a.csv`]: 'table', [`${LIBRARY}/b.csv`]: 'table', [`${LIBRARY}/c.csv`]: 'another' };
    const [a, b, c] = await Promise.all(
      ['a.csv', 'b.csv', 'c.csv'].map((file) => identify(withTable(file), { files })),
    );
    expect(a).toBe(b);
    expect(a).not.toBe(c);
  });

  it('names the inputs that cannot be read', async () => {
    const scenario = await loaded(`${MINIMAL}sources: [{ type: earthquake, faults: a.csv }]`, {
      fileExists: () => true,
    });
    expect(inputFiles(scenario)).toEqual([`${LIBRARY}/a.csv`]);
    expect(await hashInputs(scenario, () => undefined)).toEqual({ ok: false, missing: [`${LIBRARY}/a.csv`] });
  });
});
