import { type CoastlineDetail, coastlines } from './coastlines.ts';
import { colourBar } from './colour-bar.ts';
import type { ColourMapName } from './colour-maps.ts';
import { automaticLimits, type ColourScale, colourScale } from './colour-scale.ts';
import { paintField } from './field-picture.ts';
import { takenRoom } from './label-places.ts';
import { coarsen, type LatLonField, type RegularField, regularField } from './lat-lon-field.ts';
import {
  type Contours,
  drawContours,
  drawGraticule,
  drawPlaces,
  type Epicentre,
  type MapStation,
} from './map-layers.ts';
import { fitText, pageFoot, pageHead } from './page.ts';
import { encodePng } from './png.ts';
import { type GeographicWindow, type MapProjection, mapProjection, type ProjectionName } from './projections.ts';
import { rasterise } from './rasterise.ts';
import { image, palette, path, svgDocument } from './svg.ts';

export interface WorldMapOptions extends LatLonField {
  readonly title: string;
  readonly subtitle?: string | undefined;
  /** Where the picture comes from: scenario, identity, resolution. Also written into the PNG. */
  readonly caption?: string | undefined;
  /** What the colours show, e.g. 'maximum amplitude'. */
  readonly quantity?: string | undefined;
  readonly units: string;
  readonly colourMap: ColourMapName;
  readonly reversedColours?: boolean | undefined;
  /** In the field's units; chosen from the values where absent. */
  readonly limits?: readonly [number, number] | undefined;
  readonly logScale?: boolean | undefined;
  /** Distance of the colour bar's ticks, where the round one is not wanted (hours in threes). */
  readonly tickStep?: number | undefined;
  readonly stations?: readonly MapStation[] | undefined;
  readonly epicentre?: Epicentre | undefined;
  readonly contours?: Contours | undefined;
  readonly projection?: ProjectionName | undefined;
  /** Degrees; 200 puts the Pacific in the middle. */
  readonly centralLongitude?: number | undefined;
  /** Show only this part of the world; needs the equirectangular projection. */
  readonly region?: GeographicWindow | undefined;
  /** `none` for a world with other shores than the Earth's. */
  readonly coastlines?: CoastlineDetail | 'none' | undefined;
  /** false shows the cells as flat patches. */
  readonly smooth?: boolean | undefined;
  /** Page in px, 1600 × 900 by default; `pixelRatio` 2 doubles the pixels of the same page. */
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  readonly pixelRatio?: number | undefined;
}

/** A map drawn but not yet turned into pixels. */
export interface MapDrawing {
  readonly svg: string;
  readonly projection: MapProjection;
  readonly scale: ColourScale;
}

/**
 * PNG of a field on the globe. Values in `units`, rows × columns from the south; NaN is land, or with a land mask and
 * at sea a value not there. Throws BadLatLonField, BadColourLimits, BadMap.
 */
export async function worldMap(options: WorldMapOptions): Promise<Uint8Array> {
  const picture = await rasterise(drawWorldMap(options).svg, options.pixelRatio ?? 1);
  const { title, caption } = options;
  return encodePng(picture, { Title: title, ...(caption ? { Description: caption } : {}), Software: 'Terrella' });
}

/** The same map as SVG (the field inside is a picture), with the projection that places it. */
export function drawWorldMap(options: WorldMapOptions): MapDrawing {
  const { width = 1600, height = 900, pixelRatio = 1, projection: name = 'equirectangular', region } = options;
  if (region && name !== 'equirectangular')
    throw new BadMap(`a region cannot be shown in ${name}: use equirectangular`);
  if (!(width >= 480 && height >= 320))
    throw new BadMap(`${width} × ${height} px leaves no room: use at least 480 × 320`);
  const field = regularField(options);
  const scale = colourScale(
    options.colourMap,
    options.limits ?? automaticLimits(field.values, options.colourMap, { logarithmic: options.logScale ?? false }),
    { logarithmic: options.logScale ?? false, reversed: options.reversedColours ?? false },
  );

  const labelled =
    name === 'equirectangular' ? { left: 64, below: 26 } : { left: 40, below: name === 'robinson' ? 26 : 8 };
  const top = options.subtitle ? 112 : 84;
  const available = {
    x: labelled.left,
    y: top,
    width: width - labelled.left - 172,
    height: height - top - labelled.below - 52,
  };
  const projection = mapProjection(name, available, options.centralLongitude ?? 0, region);
  const { box } = projection;

  const detail = options.coastlines ?? (region || width * pixelRatio > 900 ? '50m' : '110m');
  const shown = detail === 'none' ? undefined : coastlines(detail);
  const fine = (2 * 360 * box.width * pixelRatio) / (projection.window.east - projection.window.west);
  const painted = paintField(coarsen(field, fine), projection, {
    scale,
    landColour: hexToBytes(palette.land),
    smooth: options.smooth ?? true,
    pixelRatio,
  });
  const outline = projection.path({ type: 'Sphere' });
  const room = takenRoom((x, y) => projection.inverse(x, y) !== undefined);
  const graticule = drawGraticule(projection, room);
  const places = drawPlaces(projection, room, options.stations ?? [], options.epicentre);
  const contours = options.contours
    ? drawContours(projection, room, coarsen(field, 1440), scale, options.contours)
    : [];
  const barHeight = Math.round(box.height * 0.78);

  const svg = svgDocument(width, height, options.title, [
    ...pageHead(width, options.title, options.subtitle, box.x),
    path(outline, { fill: palette.water }),
    ...(shown ? [path(projection.path(shown.land), { fill: palette.land })] : []),
    image(box.x, box.y, box.width, box.height, painted),
    graticule.lines,
    ...contours.filter((part) => part.startsWith('<path')),
    ...(shown ? [path(projection.path(shown.shores), { stroke: palette.coast, width: 0.7, opacity: 0.9 })] : []),
    path(outline, { stroke: palette.ink, width: 1 }),
    ...graticule.labels,
    ...contours.filter((part) => !part.startsWith('<path')),
    ...places,
    ...colourBar({
      scale,
      box: {
        x: box.x + box.width + 36,
        y: Math.round(box.y + (box.height - barHeight) / 2 + 8),
        width: 18,
        height: barHeight,
      },
      units: options.units,
      quantity: options.quantity ? fitText(options.quantity, 14, barHeight) : undefined,
      beyond: beyondLimits(field, scale),
      tickStep: options.tickStep,
    }),
    ...pageFoot(width, height, options.caption, shown ? 'Coastlines: Natural Earth' : '', box.x),
  ]);
  return { svg, projection, scale };
}

function beyondLimits(
  { values }: RegularField,
  { limits: [low, high], logarithmic }: ColourScale,
): { low: boolean; high: boolean } {
  let [below, above] = [false, false];
  for (let k = 0; k < values.length; k++) {
    if (values[k]! > high) above = true;
    // Zero has no place on a logarithmic bar, so it does not count as a value cut off.
    if (values[k]! < low && (!logarithmic || values[k]! > 0)) below = true;
  }
  return { low: below, high: above };
}

function hexToBytes(colour: string): [number, number, number] {
  return [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16)) as [number, number, number];
}

export class BadMap extends Error {
  readonly tag = 'BadMap';
  constructor(problem: string) {
    super(`BadMap: ${problem}.`);
    this.name = 'BadMap';
  }
}
