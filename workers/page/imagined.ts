import { sampleElevation } from '../../scenarios/bathymetry/sample-elevation.ts';
import type { InputFiles } from '../../scenarios/input-files.ts';
import { loadScenario } from '../../scenarios/loader.ts';
import { formatProblems } from '../../scenarios/problems.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import { type Asked, type WhatIf, whatIf } from '../gateway/what-if.ts';

/** The scenario of an earthquake that a visitor of a page thinks up, on the ocean of a recipe's scenario. Throws Refusal. */
export function imagineHere(scenario: Scenario, asked: Asked, faults: string, files: InputFiles): Promise<WhatIf> {
  const ocean = {
    scenario: () => scenario,
    probe: async ({ longitude, latitude }: Pick<Asked, 'longitude' | 'latitude'>) => {
      const ground = await groundAt(scenario, files, longitude, latitude);
      return { ...NOT_ASKED, longitude, latitude, ...(ground === undefined ? {} : { ground }) };
    },
  };
  return whatIf(ocean, asked, { file: faults, files });
}

/** What nobody asks of the probe but the ground. */
const NOT_ASKED = {
  run: '',
  field: 'surface_altitude',
  seconds: 0,
  tile: 0,
  panel: 0,
  owner: '',
  series: { seconds: [], values: [] },
} as const;

/** Elevation [m] at a place, by the uppermost layer that has one. */
async function groundAt(
  { grid: { bathymetry } }: Scenario,
  files: InputFiles,
  longitude: number,
  latitude: number,
): Promise<number | undefined> {
  if (bathymetry.type !== 'layers') return undefined;
  for (const { file, variable } of bathymetry.layers.toReversed()) {
    const layer = await files.elevation(file, variable === undefined ? {} : { variable });
    const value = sampleElevation(layer, longitude, latitude);
    if (!Number.isNaN(value)) return value;
  }
  return undefined;
}

/**
 * Reads a scenario that `imagineHere`, or a gateway, has written, on the sea floor of the recipe that it varies. Throws
 * BadScenario with every problem.
 */
export async function readImagined(yaml: string, varied: Scenario): Promise<Scenario> {
  const loaded = await loadScenario(yaml, { fileName: 'what-if.yaml', readFile: () => undefined });
  if (!loaded.ok) throw new Error(`BadScenario: ${formatProblems(loaded.problems)}`);
  const { scenario } = loaded;
  // The same files, where this page has them.
  return { ...scenario, grid: { ...scenario.grid, bathymetry: varied.grid.bathymetry } as Scenario['grid'] };
}
