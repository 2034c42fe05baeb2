import { withGhosts } from '../grid/ghosts.ts';
import type { Grid } from '../grid/grid.ts';
import { ExactSum } from '../math/index.ts';

type Panels = readonly (Float64Array | Float32Array)[];

/** Depth [m] and momentum [m²/s] of a layer over its bed, one array a panel. */
export interface Layer {
  readonly surface: Panels;
  readonly bed: Panels;
  readonly momentum: readonly [Panels, Panels, Panels];
}

/** Relative vorticity and divergence [1/s] of a layer's velocity: circulation and outflow of each cell over its area. */
export function vorticityAndDivergence(
  grid: Grid,
  { surface, bed, momentum }: Layer,
): { readonly vorticity: Float64Array[]; readonly divergence: Float64Array[] } {
  const halo = 2;
  const { cellsX, cellsY, panels } = grid;
  const wide = cellsX + 2 * halo;
  const velocity = momentum.map((component) =>
    withGhosts(
      grid,
      component.map((panel, p) => Float64Array.from(panel, (m, cell) => m / (surface[p]![cell]! - bed[p]![cell]!))),
      halo,
    ),
  );
  const vorticity: Float64Array[] = [];
  const divergence: Float64Array[] = [];
  for (let panel = 0; panel < panels; panel++) {
    const { area, lengthX, lengthY, normalX, normalY } = grid.geometry(panel);
    const { centre } = grid.coordinates(panel, halo);
    const around = new Float64Array(cellsX * cellsY);
    const outward = new Float64Array(cellsX * cellsY);
    /** Velocity at a face's centre, and its parts along the normal n and along r × n, times the face's length. */
    const cross = (
      cell: number,
      step: number,
      n: readonly [number, number, number],
      length: number,
    ): readonly [number, number] => {
      const at = (q: Float64Array) => (9 * (q[cell - step]! + q[cell]!) - (q[cell - 2 * step]! + q[cell + step]!)) / 16;
      const [u, v, w] = velocity.map((component) => at(component[panel]!)) as [number, number, number];
      const [x, y, z] = centre.map((component) => component[cell - step]! + component[cell]!) as [
        number,
        number,
        number,
      ];
      const size = Math.sqrt(x * x + y * y + z * z);
      const tangent = [y * n[2] - z * n[1], z * n[0] - x * n[2], x * n[1] - y * n[0]] as const;
      return [
        length * (u * n[0] + v * n[1] + w * n[2]),
        (length * (u * tangent[0] + v * tangent[1] + w * tangent[2])) / size,
      ];
    };
    const add = (i: number, j: number, out: number, turn: number) => {
      if (i < 0 || i >= cellsX || j < 0 || j >= cellsY) return;
      outward[j * cellsX + i]! += out;
      around[j * cellsX + i]! += turn;
    };
    for (let j = 0; j < cellsY; j++)
      for (let i = 0; i <= cellsX; i++) {
        const n = [normalX[0][i]!, normalX[1][i]!, normalX[2][i]!] as const;
        const [out, along] = cross((j + halo) * wide + i + halo, 1, n, lengthX[j * (cellsX + 1) + i]!);
        add(i - 1, j, out, along);
        add(i, j, -out, -along);
      }
    for (let j = 0; j <= cellsY; j++)
      for (let i = 0; i < cellsX; i++) {
        const n = [normalY[0][j]!, normalY[1][j]!, normalY[2][j]!] as const;
        const [out, along] = cross((j + halo) * wide + i + halo, wide, n, lengthY[j * cellsX + i]!);
        add(i, j - 1, out, along);
        add(i, j, -out, -along);
      }
    for (let cell = 0; cell < area.length; cell++) {
      outward[cell]! /= area[cell]!;
      around[cell]! /= area[cell]!;
    }
    vorticity.push(around);
    divergence.push(outward);
  }
  return { vorticity, divergence };
}

/** Energy of a layer [m⁵/s²], ∫ h |u|²/2 + g (η² − b²)/2, and potential enstrophy [m/s²], ∫ (ζ + f)²/2h. */
export function layerIntegrals(
  grid: Grid,
  layer: Layer,
  gravity: number,
  coriolis: (x: number, y: number, z: number) => number,
): { readonly energy: number; readonly potentialEnstrophy: number } {
  const { surface, bed, momentum } = layer;
  const { vorticity } = vorticityAndDivergence(grid, layer);
  const energy = new ExactSum();
  const enstrophy = new ExactSum();
  for (let panel = 0; panel < grid.panels; panel++) {
    const { area, up } = grid.geometry(panel);
    for (let cell = 0; cell < area.length; cell++) {
      const eta = surface[panel]![cell]!;
      const ground = bed[panel]![cell]!;
      const [mx, my, mz] = momentum.map((component) => component[panel]![cell]!) as [number, number, number];
      const h = eta - ground;
      energy.addProduct(
        area[cell]!,
        0.5 * ((mx * mx + my * my + mz * mz) / h + gravity * (eta * eta - ground * ground)),
      );
      const absolute = vorticity[panel]![cell]! + coriolis(up[0][cell]!, up[1][cell]!, up[2][cell]!);
      enstrophy.addProduct(area[cell]!, (0.5 * (absolute * absolute)) / h);
    }
  }
  return { energy: energy.value(), potentialEnstrophy: enstrophy.value() };
}
