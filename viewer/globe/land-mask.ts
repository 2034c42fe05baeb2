import { geoEquirectangular, geoPath } from 'd3-geo';
import { feature } from 'topojson-client';
import { type LandDetail, landTopology } from './land-topology.ts';

/** Land as a picture of the whole globe, longitude across from −180° and latitude upwards: 255 on land, 0 at sea. */
export interface LandMask {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

export async function landMask(detail: LandDetail, width: number): Promise<LandMask> {
  const topology = await landTopology(detail);
  const height = width / 2;
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })!;
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
  return { width, height, data: mask };
}
