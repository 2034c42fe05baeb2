import { atan } from '../math/index.ts';
import { direction } from './great-circle.ts';
import type { PanelPoint } from './grid.ts';
import { PANEL_AXES, PANELS } from './panels.ts';

/** A point of a panel by the tangents X = tan α and Y = tan β of its coordinates, each −1 … 1. */
export interface PanelTangents {
  readonly panel: number;
  readonly x: number;
  readonly y: number;
}

const clampTangent = (value: number): number => Math.max(-1, Math.min(1, value));

/** Where a point [degrees] lies; undefined for a latitude beyond ±90. On a panel edge the lower panel has it. */
export function tangentsAt(longitude: number, latitude: number): PanelTangents | undefined {
  if (!Number.isFinite(longitude) || !(latitude >= -90 && latitude <= 90)) return undefined;
  const r = direction(longitude, latitude);
  const along = PANEL_AXES.map((axes) => axes.map((axis) => axis[0] * r[0] + axis[1] * r[1] + axis[2] * r[2]));
  let panel = 0;
  for (let other = 1; other < PANELS; other++) if (along[other]![0]! > along[panel]![0]!) panel = other;
  const [centre, alongI, alongJ] = along[panel] as [number, number, number];
  return { panel, x: clampTangent(alongI / centre), y: clampTangent(alongJ / centre) };
}

/** The coordinate in cells, 0 … cells, of a tangent on an equiangular panel. */
export const cellPosition = (tangent: number, cells: number): number =>
  Math.max(0, Math.min(cells, ((atan(tangent) / (Math.PI / 4) + 1) * cells) / 2));

/** The panel, and its coordinates in cells, of a point [degrees]. */
export function locateOnPanels(cells: number, longitude: number, latitude: number): PanelPoint | undefined {
  const point = tangentsAt(longitude, latitude);
  return point && { panel: point.panel, i: cellPosition(point.x, cells), j: cellPosition(point.y, cells) };
}
