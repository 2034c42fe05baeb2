import type { GeometryCollection, Topology } from 'topojson-specification';

/** Natural Earth land (public domain), 1:110 million or 1:50 million. */
export type LandDetail = '110m' | '50m';

export async function landTopology(detail: LandDetail): Promise<Topology<{ land: GeometryCollection }>> {
  const found =
    detail === '110m' ? await import('world-atlas/land-110m.json') : await import('world-atlas/land-50m.json');
  return found.default as unknown as Topology<{ land: GeometryCollection }>;
}
