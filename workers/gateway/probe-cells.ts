import type { Grid } from '../../engine/grid/grid.ts';
import { type Cell, cellAt } from '../../engine/grid/nearest-cell.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import { codeValue, decodeTile } from '../protocol/tile-decoding.ts';
import type { StationInfo } from '../protocol/viewing.ts';
import { stationCells } from '../run/station-cells.ts';
import type { Panels } from './coarsen.ts';
import type { Frame } from './frame-encoding.ts';
import { Refusal } from './refusal.ts';

/** Where a probe takes its values: cells of the grid with weights, the very ones of a station at the same place. */
export interface ProbeCells {
  readonly cells: readonly {
    readonly panel: number;
    readonly i: number;
    readonly j: number;
    readonly weight: number;
  }[];
  readonly panel: number;
  readonly tile: number;
}

export interface ProbePlace {
  readonly longitude: number;
  readonly latitude: number;
}

/**
 * Cells of a place. Those of the sea where any of the four around it is; on land the four, dry as they may be, but at a
 * station the sea nearest to it, as the station has it. Throws Refusal for a place outside the grid.
 */
export function probeCells(
  grid: Grid,
  scenario: Scenario,
  ground: Panels | undefined,
  stations: readonly StationInfo[],
  { longitude, latitude }: ProbePlace,
): ProbeCells {
  const cell = cellAt(grid, longitude, latitude);
  if (!cell)
    throw new Refusal('not-possible', `${longitude}, ${latitude} lies outside the grid. Choose a place within.`);
  const tilesX = grid.cellsX / grid.tileX;
  const inPanel = Math.floor(cell.j / grid.tileY) * tilesX + Math.floor(cell.i / grid.tileX);
  const tile = cell.panel * tilesX * (grid.cellsY / grid.tileY) + inPanel;
  const isSea = scenario.model.equations === 'tsunami' && ground !== undefined;
  const isWet = (panel: number, i: number, j: number) =>
    !isSea || scenario.initial.seaLevel - ground[panel]![j * grid.cellsX + i]! > 0;
  const anywhere = stationCells(grid, () => true, longitude, latitude)!;
  const isStation = stations.some((station) => station.longitude === longitude && station.latitude === latitude);
  const anyWet = anywhere.cells.some(({ panel, i, j }) => isWet(panel, i, j));
  const found = anyWet || isStation ? stationCells(grid, isWet, longitude, latitude) : undefined;
  return { cells: (found ?? anywhere).cells, panel: cell.panel, tile };
}

/** Value at a place: cells without a value leave their weight to the others; NaN where none has one. */
export function valueAt({ cells }: ProbeCells, panels: Panels, cellsX: number): number {
  let [sum, weights] = [0, 0];
  for (const { panel, i, j, weight } of cells) {
    const value = panels[panel]![j * cellsX + i]!;
    if (Number.isNaN(value)) continue;
    sum += weight * value;
    weights += weight;
  }
  return weights > 0 ? sum / weights : Number.NaN;
}

/** Value of a frame at a cell of the grid, to half a step of its codes; NaN where there is none. */
export async function frameValue(frame: Frame, { panel, i, j }: Cell): Promise<number> {
  const { level, cellsX, cellsY, tileX, tileY, low, high } = frame.facts;
  const [x, y] = [i >> level, j >> level];
  const across = cellsX / tileX;
  const tile = panel * across * (cellsY / tileY) + Math.floor(y / tileY) * across + Math.floor(x / tileX);
  const codes = new Uint16Array(tileX * tileY);
  decodeTile(await frame.tile(tile), codes, { width: tileX, height: tileY, first: 0, stride: tileX });
  return codeValue(codes[(y % tileY) * tileX + (x % tileX)]!, low, high);
}
