import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { jsonSchema } from '../../scenarios/schema.ts';
import { LIBRARY, MINIMAL, minimalPlane, problemsOf, scenarioFiles } from './library.ts';

describe('the published JSON Schema', () => {
  it('is the one that the schema makes: after a change run scenarios/write-json-schema.ts', () => {
    expect(JSON.parse(readFileSync(`${LIBRARY}/scenario.schema.json`, 'utf8'))).toEqual(
      JSON.parse(JSON.stringify(jsonSchema())),
    );
  });

  // An independent reader of JSON Schema; it knows no if and then, which are tried by hand below.
  const { if: _if, then: _then, ...plain } = jsonSchema();
  const validator = z.fromJSONSchema(plain as never);
  const accepts = (text: string): boolean => validator.safeParse(parse(text)).success;

  it.each(scenarioFiles)('accepts %s', (file) => {
    expect(accepts(readFileSync(`${LIBRARY}/${file}`, 'utf8'))).toBe(true);
  });

  it.each([
    ['a plane', minimalPlane(), true],
    ['a child', 'extends: tohoku-2011\ngrid: { cells: 270 }', true],
    ['an unknown key', `${MINIMAL}titel: x`, false],
    ['an unknown key inside', MINIMAL.replace('cells: 36', 'cells: 36, cels: 3'), false],
    ['a bare number', MINIMAL.replace('1 h', '3600'), false],
    ['another type', `${MINIMAL}references: one`, false],
    ['an unknown source', `${MINIMAL}sources: [{ type: comet }]`, false],
    [
      'a source that lacks a key',
      `${MINIMAL}sources: [{ type: gaussian, longitude: 1, latitude: 1, radius: 1 km }]`,
      false,
    ],
    ['an unknown word', MINIMAL.replace('tsunami', 'storm'), false],
    ['a tile of no cells', MINIMAL.replace('tile: 18', 'tile: 0'), false],
  ])('agrees with the loader on %s', async (_, text, sound) => {
    expect(accepts(text)).toBe(sound);
    expect((await problemsOf(text)).length === 0).toBe(sound);
  });

  it('requires nothing of a scenario that extends another, and everything of one that does not', () => {
    const { if: condition, then: needed } = jsonSchema() as { if: unknown; then: Record<string, unknown> };
    expect(condition).toEqual({ not: { required: ['extends'] } });
    expect(needed).toMatchObject({
      required: ['terrella', 'name', 'model', 'grid', 'time'],
      properties: {
        model: { required: ['equations'] },
        time: { required: ['start', 'duration'] },
        grid: {
          anyOf: [{ required: ['cells', 'bathymetry'] }, { required: ['cellsX', 'cellsY', 'size', 'bathymetry'] }],
        },
      },
    });
  });
});
