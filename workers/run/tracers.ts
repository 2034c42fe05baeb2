import { greatCircleDistance } from '../../engine/grid/great-circle.ts';
import type { Grid } from '../../engine/grid/grid.ts';
import type { TracerSettings } from '../../engine/models/tsunami.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import { EARTH_RADIUS } from './station-cells.ts';

/** Concentration of each tracer at the start, by name: its background and, on top, its patches in order. */
export function initialTracers(scenario: Scenario, grid: Grid): Record<string, Float64Array[]> {
  return Object.fromEntries(
    scenario.model.tracers.map(({ name, background, patches }) => [
      name,
      Array.from({ length: grid.panels }, (_, panel) => {
        const { longitude, latitude } = grid.geometry(panel);
        return Float64Array.from(longitude, (x, cell) => {
          const y = latitude[cell]!;
          return patches.reduce(
            (value, patch) => (distance(grid, patch, x, y) <= patch.radius ? patch.value : value),
            background,
          );
        });
      }),
    ]),
  );
}

/** A tracer with the range of its concentrations at the start. */
export function tracerRange({ name, background, patches }: Scenario['model']['tracers'][number]): TracerSettings {
  const values = [background, ...patches.map(({ value }) => value)];
  return { name, low: Math.min(...values), high: Math.max(...values) };
}

function distance(grid: Grid, patch: { longitude: number; latitude: number }, x: number, y: number): number {
  if (grid.kind === 'cubed-sphere') return greatCircleDistance(patch.longitude, patch.latitude, x, y, EARTH_RADIUS);
  const [dx, dy] = [x - patch.longitude, y - patch.latitude];
  return Math.sqrt(dx * dx + dy * dy);
}
