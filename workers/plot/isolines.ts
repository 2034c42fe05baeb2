import type { RegularField } from './lat-lon-field.ts';

/** Lines in degrees, [longitude, latitude]; longitudes run on past 180 so that a line never jumps. */
export type Isoline = readonly (readonly [number, number])[];

/**
 * Lines where the field equals `level`, by marching squares between cell centres (Lorensen & Cline 1987 in two
 * dimensions; saddles are settled by the mean of the four corners). Squares with a missing corner are left out.
 */
export function isolines(field: RegularField, level: number): Isoline[] {
  const { rows, columns, values } = field;
  const across = field.periodic ? columns : columns - 1;
  // Each crossing lies on an edge of the lattice: 2·cell for the edge to the east of it, 2·cell + 1 for that to the north.
  const links = new Map<number, number[]>();
  const link = (a: number, b: number): void => {
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      const list = links.get(from);
      if (list) list.push(to);
      else links.set(from, [to]);
    }
  };
  for (let j = 0; j < rows - 1; j++)
    for (let i = 0; i < across; i++) {
      const next = i + 1 === columns ? 0 : i + 1;
      const cell = j * columns + i;
      const a = values[cell]! - level;
      const b = values[j * columns + next]! - level;
      const c = values[(j + 1) * columns + next]! - level;
      const d = values[cell + columns]! - level;
      const mask = (a >= 0 ? 1 : 0) | (b >= 0 ? 2 : 0) | (c >= 0 ? 4 : 0) | (d >= 0 ? 8 : 0);
      if (mask === 0 || mask === 15) continue;
      const mean = (a + b + c + d) / 4;
      if (Number.isNaN(mean)) continue;
      const south = 2 * cell;
      const north = 2 * (cell + columns);
      const west = 2 * cell + 1;
      const east = 2 * (j * columns + next) + 1;
      if (mask === 5 || mask === 10) {
        const joined = mean >= 0 === (mask === 5);
        link(south, joined ? east : west);
        link(north, joined ? west : east);
        continue;
      }
      const crossed: number[] = [];
      if (a >= 0 !== b >= 0) crossed.push(south);
      if (b >= 0 !== c >= 0) crossed.push(east);
      if (c >= 0 !== d >= 0) crossed.push(north);
      if (d >= 0 !== a >= 0) crossed.push(west);
      link(crossed[0]!, crossed[1]!);
    }
  return joinLinks(links).map((edges) => unroll(edges.map((edge) => crossing(field, edge, level))));
}

/** Chains of linked crossings; open ones first, from their ends, then the rings. */
function joinLinks(links: Map<number, number[]>): number[][] {
  const chains: number[][] = [];
  const take = (from: number): number | undefined => {
    const next = links.get(from)?.pop();
    if (next === undefined) return undefined;
    const back = links.get(next)!;
    back.splice(back.indexOf(from), 1);
    return next;
  };
  const follow = (start: number): void => {
    const chain = [start];
    for (let next = take(start); next !== undefined; next = take(next)) chain.push(next);
    if (chain.length > 1) chains.push(chain);
  };
  for (const [edge, list] of links) if (list.length === 1) follow(edge);
  for (const edge of links.keys()) follow(edge);
  return chains;
}

function crossing(field: RegularField, edge: number, level: number): [number, number] {
  const { columns, values } = field;
  const cell = edge >> 1;
  const i = cell % columns;
  const j = (cell - i) / columns;
  const northward = edge & 1;
  const other = northward ? cell + columns : j * columns + (i + 1 === columns ? 0 : i + 1);
  const fraction = (level - values[cell]!) / (values[other]! - values[cell]!);
  return [
    field.west + (i + (northward ? 0 : fraction)) * field.longitudeStep,
    field.south + (j + (northward ? fraction : 0)) * field.latitudeStep,
  ];
}

function unroll(points: [number, number][]): [number, number][] {
  for (let k = 1; k < points.length; k++) {
    const jump = points[k]![0] - points[k - 1]![0];
    points[k]![0] -= 360 * Math.round(jump / 360);
  }
  return points;
}
