import type { BufferGeometry } from 'three';
import { mesh } from 'topojson-client';
import { type LandDetail, landTopology } from './land-topology.ts';
import { along, lineGeometry } from './lines.ts';

/** Shores as lines. */
export async function shores(detail: LandDetail): Promise<BufferGeometry> {
  return lineGeometry(along(mesh(await landTopology(detail)).coordinates));
}
