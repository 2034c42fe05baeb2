import type { CpuRun } from '../backends/cpu/cpu-run.ts';
import { cellWidths } from './step-limits.ts';

/** Where and how a run went wrong. Angles in degrees (metres on a plane). */
export interface Failure {
  readonly step: number;
  readonly seconds: number;
  readonly tile: number;
  readonly panel: number;
  /** Panel coordinates of the cell. */
  readonly i: number;
  readonly j: number;
  readonly longitude: number;
  readonly latitude: number;
  /** Prognostic and static values in the cell. */
  readonly values: Readonly<Record<string, number>>;
  /** Fastest signal [m/s] and local Courant number, from the cell or, where they are not numbers, its worst neighbour. */
  readonly signalSpeed: number;
  readonly courant: number;
}

const isBad = (x: number) => !(Math.abs(x) < 1e7);

/** Finds the first bad cell of a tile (the worst signal speed where all are numbers) and describes it. */
export function describeFailure(run: CpuRun, tileId: number, step: number): Failure {
  const { grid, model, timeStep } = run.options;
  const tile = grid.tiles[tileId]!;
  const prognostics = model.fields.filter(({ role }) => role === 'prognostic').map(({ name }) => name);
  const valueAt = (i: number, j: number) => (field: string) => run.valueAt(tileId, field, i, j);
  let found = { i: 0, j: 0 };
  let fastest = -1;
  let worst = 0;
  for (let j = 0; j < grid.tileY; j++) {
    for (let i = 0; i < grid.tileX; i++) {
      const value = valueAt(i, j);
      const bad = prognostics.some((field) => isBad(value(field)));
      const speed = model.signalSpeed(value);
      if (Number.isFinite(speed)) worst = Math.max(worst, speed);
      const rank = bad ? Number.POSITIVE_INFINITY : Number.isFinite(speed) ? speed : 0;
      if (rank > fastest) {
        fastest = rank;
        found = { i, j };
      }
    }
  }
  const value = valueAt(found.i, found.j);
  const [i, j] = [tile.i0 + found.i, tile.j0 + found.j];
  const geometry = grid.geometry(tile.panel);
  const cell = j * grid.cellsX + i;
  const own = model.signalSpeed(value);
  const signalSpeed = Number.isFinite(own) ? own : worst;
  const width = cellWidths(grid, tile.panel, i, j);
  const shown = model.fields.filter(({ role, shape }) => role === 'prognostic' || (role === 'static' && !shape));
  return {
    step,
    seconds: step * timeStep,
    tile: tileId,
    panel: tile.panel,
    i,
    j,
    longitude: geometry.longitude[cell]!,
    latitude: geometry.latitude[cell]!,
    values: Object.fromEntries(shown.map(({ name }) => [name, value(name)])),
    signalSpeed,
    courant: signalSpeed * timeStep * (1 / width.x + 1 / width.y),
  };
}
