import type { Side } from './grid.ts';

type Axis = readonly [number, number, number];

/**
 * The six panels of the cubed sphere. A panel's point with coordinates X = tan α, Y = tan β lies in the direction
 * (1, X, Y) of its axes [centre, growing i, growing j], each a signed axis of the globe (x through 0° E, y through
 * 90° E, z through the north pole). All are right-handed seen from outside.
 *
 * Panels 0–3 go round the equator, centred at 0°, 90°, 180°, 270° E, i to the east and j to the north. Panel 4 lies
 * over the north pole with its south side on panel 0's north side; panel 5 over the south pole with its north side on
 * panel 0's south side. On both i grows towards 90° E.
 */
// biome-ignore format: a table
export const PANEL_AXES: readonly (readonly [Axis, Axis, Axis])[] = [
  [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
  [[0, 1, 0], [-1, 0, 0], [0, 0, 1]],
  [[-1, 0, 0], [0, -1, 0], [0, 0, 1]],
  [[0, -1, 0], [1, 0, 0], [0, 0, 1]],
  [[0, 0, 1], [0, 1, 0], [-1, 0, 0]],
  [[0, 0, -1], [0, 1, 0], [1, 0, 0]],
];
export const PANELS = 6;
export const SIDES: readonly Side[] = ['west', 'east', 'south', 'north'];

/** Where a globe axis is found in a panel's axes: vector[axis of the globe] = sign × vector[axis of the panel]. */
export interface AxisSource {
  readonly axis: 0 | 1 | 2;
  readonly sign: 1 | -1;
}

/** For each panel, the sources of the globe's x, y and z. */
export const GLOBE_FROM_PANEL: readonly (readonly [AxisSource, AxisSource, AxisSource])[] = PANEL_AXES.map((axes) => {
  const source = (globeAxis: number): AxisSource => {
    const axis = axes.findIndex((direction) => direction[globeAxis] !== 0) as 0 | 1 | 2;
    return { axis, sign: axes[axis]![globeAxis] as 1 | -1 };
  };
  return [source(0), source(1), source(2)];
});

/** Turns a vector from a panel's axes to the globe's; writes no negative zero, so equal vectors have equal bits. */
export function toGlobe(panel: number, centre: number, alongI: number, alongJ: number): [number, number, number] {
  const local = [centre, alongI, alongJ];
  const [x, y, z] = GLOBE_FROM_PANEL[panel]!;
  return [signed(x.sign, local[x.axis]!), signed(y.sign, local[y.axis]!), signed(z.sign, local[z.axis]!)];
}

export const signed = (sign: number, value: number): number => (sign < 0 ? 0 - value : 0 + value);

const dot = (a: Axis, b: Axis): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

/** What lies beyond a panel's side: the neighbour, its side, and whether positions along the two sides run oppositely. */
export interface PanelNeighbour {
  readonly panel: number;
  readonly side: Side;
  readonly reversed: boolean;
}

const isColumn = (side: Side): boolean => side === 'west' || side === 'east';

/** The side of a panel that faces a direction, a signed axis of the globe. */
function sideFacing(panel: number, direction: Axis): Side {
  const axes = PANEL_AXES[panel]!;
  const alongI = dot(axes[1], direction);
  const alongJ = dot(axes[2], direction);
  if (alongI !== 0) return alongI < 0 ? 'west' : 'east';
  return alongJ < 0 ? 'south' : 'north';
}

function neighbourOf(panel: number, side: Side): PanelNeighbour {
  const [centre, alongI, alongJ] = PANEL_AXES[panel]!;
  const [across, along] = isColumn(side) ? [alongI, alongJ] : [alongJ, alongI];
  const outward = side === 'east' || side === 'north' ? 1 : -1;
  const beyond = PANEL_AXES.findIndex((axes) => dot(axes[0], across) === outward);
  const back = sideFacing(beyond, centre);
  const alongBeyond = PANEL_AXES[beyond]![isColumn(back) ? 2 : 1];
  return { panel: beyond, side: back, reversed: dot(alongBeyond, along) < 0 };
}

/** Beyond each side of each panel; follows from PANEL_AXES. */
export const PANEL_NEIGHBOURS: readonly Readonly<Record<Side, PanelNeighbour>>[] = PANEL_AXES.map((_, panel) => ({
  west: neighbourOf(panel, 'west'),
  east: neighbourOf(panel, 'east'),
  south: neighbourOf(panel, 'south'),
  north: neighbourOf(panel, 'north'),
}));

/** The cell at a distance from a panel's side (0 at the side, negative beyond it) and a position along it. */
export function cellAtSide(cells: number, side: Side, distance: number, along: number): readonly [number, number] {
  switch (side) {
    case 'west':
      return [distance, along];
    case 'east':
      return [cells - 1 - distance, along];
    case 'south':
      return [along, distance];
    case 'north':
      return [along, cells - 1 - distance];
  }
}
