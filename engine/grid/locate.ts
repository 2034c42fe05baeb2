import { atan } from '../math/index.ts';
import { direction } from './great-circle.ts';
import type { PanelPoint } from './grid.ts';
import { type AxisSource, PANEL_AXES, PANELS } from './panels.ts';

/** A point of a panel by the tangents X = tan α and Y = tan β of its coordinates, each −1 … 1. */
export interface PanelTangents {
  readonly panel: number;
  readonly x: number;
  readonly y: number;
}

const clampTangent = (value: number): number => Math.max(-1, Math.min(1, value));

/** For each panel, which signed components of a vector in the globe's axes are those along its own. */
const PANEL_FROM_GLOBE = PANEL_AXES.map((axes) =>
  axes.map((direction): AxisSource => {
    const axis = direction.findIndex((component) => component !== 0) as 0 | 1 | 2;
    return { axis, sign: direction[axis] as 1 | -1 };
  }),
) as unknown as readonly (readonly [AxisSource, AxisSource, AxisSource])[];

/** Where a point [degrees] lies; undefined for a latitude beyond ±90. On a panel edge the lower panel has it. */
export function tangentsAt(longitude: number, latitude: number): PanelTangents | undefined {
  if (!Number.isFinite(longitude) || !(latitude >= -90 && latitude <= 90)) return undefined;
  const r = direction(longitude, latitude);
  let panel = 0;
  let nearest = r[0];
  for (let other = 1; other < PANELS; other++) {
    const { axis, sign } = PANEL_FROM_GLOBE[other]![0];
    if (sign * r[axis] > nearest) {
      panel = other;
      nearest = sign * r[axis];
    }
  }
  const [, i, j] = PANEL_FROM_GLOBE[panel]!;
  return {
    panel,
    x: clampTangent((i.sign * r[i.axis]) / nearest),
    y: clampTangent((j.sign * r[j.axis]) / nearest),
  };
}

/** The coordinate in cells, 0 … cells, of a tangent on an equiangular panel. */
export const cellPosition = (tangent: number, cells: number): number =>
  Math.max(0, Math.min(cells, ((atan(tangent) / (Math.PI / 4) + 1) * cells) / 2));

/** The panel, and its coordinates in cells, of a point [degrees]. */
export function locateOnPanels(cells: number, longitude: number, latitude: number): PanelPoint | undefined {
  const point = tangentsAt(longitude, latitude);
  return point && { panel: point.panel, i: cellPosition(point.x, cells), j: cellPosition(point.y, cells) };
}
