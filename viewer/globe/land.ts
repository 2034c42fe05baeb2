import { geoEquirectangular, geoPath } from 'd3-geo';
import type { BufferGeometry } from 'three';
import { ClampToEdgeWrapping, DataTexture, LinearFilter, RedFormat, RepeatWrapping, UnsignedByteType } from 'three';
import { feature, mesh } from 'topojson-client';
import type { GeometryCollection, Topology } from 'topojson-specification';
import { along, lineGeometry } from './lines.ts';

type LandTopology = Topology<{ land: GeometryCollection }>;

/** Natural Earth land, 1:110 million for the whole globe, 1:50 million from nearby. */
async function topologyOf(detail: '110m' | '50m'): Promise<LandTopology> {
  const found =
    detail === '110m' ? await import('world-atlas/land-110m.json') : await import('world-atlas/land-50m.json');
  return found.default as unknown as LandTopology;
}

/** Shores as lines. */
export async function shores(detail: '110m' | '50m'): Promise<BufferGeometry> {
  const topology = await topologyOf(detail);
  return lineGeometry(along(mesh(topology).coordinates));
}

/** Land as a picture of the whole globe, longitude across from −180° and latitude upwards: 255 on land, 0 at sea. */
export async function landMask(detail: '110m' | '50m', width: number): Promise<DataTexture> {
  const topology = await topologyOf(detail);
  const height = width / 2;
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d', { willReadFrequently: true })!;
  const projection = geoEquirectangular()
    .translate([width / 2, height / 2])
    .scale(width / (2 * Math.PI))
    .precision(0.5);
  context.fillStyle = '#fff';
  context.beginPath();
  geoPath(projection, context as unknown as CanvasRenderingContext2D)(feature(topology, topology.objects.land));
  context.fill();
  const { data } = context.getImageData(0, 0, width, height);
  const mask = new Uint8Array(width * height);
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++)
      mask[(height - 1 - row) * width + column] = data[4 * (row * width + column) + 3]!;
  const texture = new DataTexture(mask, width, height, RedFormat, UnsignedByteType);
  texture.minFilter = LinearFilter;
  texture.magFilter = LinearFilter;
  texture.wrapS = RepeatWrapping;
  texture.wrapT = ClampToEdgeWrapping;
  texture.needsUpdate = true;
  return texture;
}
