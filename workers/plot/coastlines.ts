import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { FeatureCollection, MultiLineString } from 'geojson';
import { feature, mesh } from 'topojson-client';
import type { GeometryCollection, Topology } from 'topojson-specification';

/** Natural Earth land (public domain) at 1:110 million, 1:50 million or 1:10 million. */
export type CoastlineDetail = '110m' | '50m' | '10m';

export interface Coastlines {
  /** Land as spherical polygons, wound as d3-geo wants them. */
  readonly land: FeatureCollection;
  /** Shores as lines, without the cuts that a map makes in polygons. */
  readonly shores: MultiLineString;
}

const loaded = new Map<CoastlineDetail, Coastlines>();

export function coastlines(detail: CoastlineDetail): Coastlines {
  let result = loaded.get(detail);
  if (!result) {
    const file = createRequire(import.meta.url).resolve(`world-atlas/land-${detail}.json`);
    const topology = JSON.parse(readFileSync(file, 'utf8')) as Topology<{ land: GeometryCollection }>;
    result = { land: feature(topology, topology.objects.land), shores: mesh(topology) };
    loaded.set(detail, result);
  }
  return result;
}
