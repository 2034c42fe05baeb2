import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { hashInputs, scenarioIdentity } from '../../scenarios/identity.ts';
import { readFile } from '../../scenarios/node-files.ts';
import { readObservation } from '../../scenarios/observations.ts';
import { cellsOf } from '../../scenarios/prediction.ts';
import { recordedStations } from '../../scenarios/scenario.ts';
import { NAMED_BATHYMETRY } from '../../scenarios/schema-grid.ts';
import { LIBRARY, loaded, scenarioFiles } from './library.ts';

/** The default scenario as the documentation shows it. */
const DOCUMENTED = `terrella: 1
name: tohoku-2011
title: Tohoku-oki earthquake and tsunami, 11 March 2011, Mw 9.1
references: [Satake et al. 2013]
model: { equations: tsunami, precision: float32, parameters: { manning: 0.025 s m^-1/3 } }
grid: { cells: 540, tile: 90, bathymetry: etopo5 }        # cells across a panel: 90°/540 = 10′
time: { start: 2011-03-11T05:46:18Z, duration: 10 h, courant: 1.4 }
sources: [ { type: earthquake, faults: data/sources/tohoku2011-satake.csv } ]
observations: [ { dart: '21413', role: verify }, { dart: '21418', role: verify } ]
output:
  fields: [ { name: sea_surface_height_above_mean_sea_level, every: 5 min }, { name: maximum_amplitude }, { name: arrival_time } ]
  stations: [ { name: Hilo, longitude: -155.06, latitude: 19.73 } ]
  format: zarr
expect: [ { metric: mass.relativeDrift, below: 1e-6 } ]      # the scenario is its own regression test
`;

describe('scenarios that ship', () => {
  it('may name every bathymetry that ships, and no other', () => {
    const files = readdirSync(`${LIBRARY}/data/topo`).filter((file) => file.endsWith('.nc'));
    expect(Object.values(NAMED_BATHYMETRY).sort()).toEqual(files.map((file) => `data/topo/${file}`).sort());
  });

  it('the documented example loads', async () => {
    const scenario = await loaded(DOCUMENTED);
    expect(scenario.observations.map((one) => one.name)).toEqual(['21413', '21418']);
    expect(cellsOf(scenario)).toBe(1_749_600);
    expect(recordedStations(scenario).map((one) => one.name)).toEqual(['Hilo', '21413', '21418']);
  });

  it.each(scenarioFiles)('%s loads, is named after its file, and all its inputs are there', async (file) => {
    const text = readFileSync(`${LIBRARY}/${file}`, 'utf8');
    const scenario = await loaded(text, { fileName: `${LIBRARY}/${file}` });
    expect(`${scenario.name}.yaml`).toBe(file);
    expect(scenario.expect.length).toBeGreaterThan(0);
    const inputs = await hashInputs(scenario, readFile);
    expect(inputs.ok ? [] : inputs.missing).toEqual([]);
    if (inputs.ok) expect(scenarioIdentity(scenario, inputs.hashes)).toMatch(/^[0-9a-f]{64}$/);
  });

  it.each(scenarioFiles)('%s has a small version', async (file) => {
    const text = readFileSync(`${LIBRARY}/${file}`, 'utf8');
    const small = await loaded(text, { fileName: `${LIBRARY}/${file}`, variant: 'small' });
    expect(cellsOf(small)).toBeLessThanOrEqual(6 * 48 * 48);
    expect(small.time.duration).toBeLessThanOrEqual(2 * 3600);
  });

  it('records of buoys begin with the earthquake and hold the peaks that were published', async () => {
    const peak = async (id: string, date: string, from: number, to: number) => {
      const name = `data/dart/${id}-${date}.csv`;
      const result = readObservation(readFileSync(`${LIBRARY}/${name}`, 'utf8'), name);
      if (!result.ok) throw new Error(JSON.stringify(result.problems));
      const { seconds, metres, station, origin } = result.observation;
      expect(station).toBe(id);
      expect(origin?.slice(0, 10)).toBe(date);
      let best = 0;
      seconds.forEach((second, index) => {
        if (second > from * 60 && second < to * 60 && metres[index]! > metres[best]!) best = index;
      });
      return { metres: metres[best]!, minutes: seconds[best]! / 60 };
    };
    const at21413 = await peak('21413', '2011-03-11', 60, 120);
    expect(at21413.metres).toBeCloseTo(0.774, 2);
    expect(at21413.minutes).toBeCloseTo(80.7, 0);
    expect((await peak('21418', '2011-03-11', 25, 60)).metres).toBeCloseTo(1.87, 2);
    const at32412 = await peak('32412', '2010-02-27', 150, 240);
    expect(at32412.metres).toBeCloseTo(0.235, 3);
    expect(at32412.minutes).toBeCloseTo(196, 0);
  });
});
