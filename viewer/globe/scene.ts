import {
  BufferAttribute,
  BufferGeometry,
  DataArrayTexture,
  DoubleSide,
  Scene as Drawn,
  GLSL3,
  LinearFilter,
  LineSegments,
  Matrix3,
  Mesh,
  NearestFilter,
  NoBlending,
  NormalBlending,
  OrthographicCamera,
  RawShaderMaterial,
  RGBAFormat,
  DataTexture as Table,
  UnsignedByteType,
  Vector2,
  Vector3,
  Vector4,
  WebGLRenderer,
} from 'three';
import { type ColourMapName, colourMap, isColourMapName } from '../../workers/plot/colour-maps.ts';
import { SHEET_VERTEX } from './bend.glsl.ts';
import { type Bend, bandOf, flatnessOf, overGlobe, sheet } from './bend.ts';
import type { Earth } from './earth.ts';
import { FrameTexture } from './frame-texture.ts';
import { graticule } from './lines.ts';
import { Particles } from './particles.ts';
import { PROJECTION_NUMBER } from './projection.glsl.ts';
import { anchorOf, cameraAxes, EXTENT, scaleOf, shiftOf, type Vector, type View } from './projection.ts';
import type { Shards } from './shards.ts';
import { BOX_VERTEX, LINE_FRAGMENT, LINE_VERTEX, SKY_FRAGMENT, SURFACE_FRAGMENT } from './surface.glsl.ts';

/** How a frame is to look. */
export interface Look {
  readonly view: View;
  /** On the way to the view's map from another. */
  readonly bend: Bend | undefined;
  readonly showField: boolean;
  readonly coversLand: boolean;
  readonly map: string;
  readonly limits: readonly [number, number];
  readonly logarithmic: boolean;
  /** Of contours, in the field's units; 0 for none. */
  readonly contours: number;
  readonly towardsNext: number;
  readonly comparison: 'none' | 'swipe' | 'difference';
  /** 0 (left) … 1. */
  readonly swipe: number;
  readonly coast: boolean;
  readonly graticule: boolean;
  readonly plates: boolean;
  readonly particles: boolean;
  readonly relief: boolean;
  readonly exaggeration: number;
  /** Direction of the sun; undefined for no night. */
  readonly sun: Vector | undefined;
  /** Cells of a plane run; undefined on the globe. */
  readonly plane: readonly [cellsX: number, cellsY: number] | undefined;
  /** Whether tiles are painted in their owners' colours. */
  readonly shards: boolean;
}

/** Everything that three draws: the globe or map with its field, shores and graticule. */
export class Scene {
  readonly renderer: WebGLRenderer;
  readonly field = new FrameTexture('Field');
  readonly next = new FrameTexture('Next');
  readonly other = new FrameTexture('Other');
  readonly #drawn = new Drawn();
  readonly #camera = new OrthographicCamera(-1, 1, 1, -1, -1, 1);
  readonly #surface: RawShaderMaterial;
  readonly #sky: RawShaderMaterial;
  readonly #shared = {
    uAxes: { value: new Matrix3() },
    uCentre: { value: new Vector2() },
    uSize: { value: new Vector2(1, 1) },
    uScale: { value: 1 },
    uShift: { value: new Vector2() },
  };
  readonly #bending = {
    uLatitude: { value: 0 },
    uMaps: { value: [0, 0] },
    uFlatness: { value: new Vector2() },
    uSecond: { value: 0 },
    uAnchor: { value: new Vector2() },
    uBand: { value: new Vector2() },
  };
  readonly #flat: Mesh;
  #sheet: Mesh<BufferGeometry, RawShaderMaterial> | undefined;
  readonly #coast: LineSegments;
  readonly #graticule: LineSegments;
  readonly #plates: LineSegments;
  readonly #trails: LineSegments;
  readonly particles = new Particles();
  #colours = '';

  constructor(canvas: HTMLCanvasElement, context: WebGL2RenderingContext) {
    this.renderer = new WebGLRenderer({ canvas, context });
    this.renderer.autoClear = false;
    const box = new BufferGeometry();
    box.setAttribute('position', new BufferAttribute(Float32Array.of(-1, -1, 0, 1, -1, 0, -1, 1, 0, 1, 1, 0), 3));
    box.setIndex([0, 1, 2, 2, 1, 3]);
    const flat = { glslVersion: GLSL3, vertexShader: BOX_VERTEX, depthTest: false, depthWrite: false } as const;
    this.#sky = new RawShaderMaterial({
      ...flat,
      fragmentShader: SKY_FRAGMENT,
      blending: NoBlending,
      uniforms: { ...this.#shared, uBox: { value: new Vector4(0, 0, 1, 1) }, uGlow: { value: 1 } },
    });
    this.#surface = new RawShaderMaterial({
      ...flat,
      fragmentShader: SURFACE_FRAGMENT,
      transparent: true,
      blending: NormalBlending,
      uniforms: {
        ...this.#shared,
        ...this.field.uniforms,
        ...this.next.uniforms,
        ...this.other.uniforms,
        uBox: { value: new Vector4(0, 0, 1, 1) },
        uPlane: { value: new Vector2(1, 1) },
        uTowardsNext: { value: 0 },
        uSwipe: { value: 0 },
        uColours: { value: colourTable('tide') },
        uLimits: { value: new Vector2(-1, 1) },
        uContours: { value: 0 },
        uEarth: { value: null },
        uExaggeration: { value: 1 },
        uSun: { value: new Vector3(1, 0, 0) },
        uShards: { value: null },
        uTiles: { value: new Vector2(1, 1) },
      },
    });
    const sky = placed(new Mesh(box, this.#sky), 0);
    this.#flat = placed(new Mesh(box, this.#surface), 1);
    this.#graticule = this.#lines([0.75, 0.85, 1, 0.13], 2);
    this.#graticule.geometry = graticule(30);
    this.#coast = this.#lines([0.78, 0.86, 0.94, 0.5], 3);
    this.#plates = this.#lines([1, 0.62, 0.38, 0.75], 4);
    this.#trails = this.#lines([0.93, 0.97, 1, 0.8], 5);
    this.#trails.geometry = this.particles.geometry;
    this.#drawn.add(sky, this.#flat, this.#graticule, this.#coast, this.#plates, this.#trails);
  }

  #lines(colour: readonly [number, number, number, number], renderOrder: number): LineSegments {
    const material = new RawShaderMaterial({
      glslVersion: GLSL3,
      vertexShader: LINE_VERTEX,
      fragmentShader: LINE_FRAGMENT,
      uniforms: { ...this.#shared, ...this.#bending, uColour: { value: new Vector4(...colour) } },
      depthTest: false,
      depthWrite: false,
      transparent: true,
      blending: NormalBlending,
    });
    return placed(new LineSegments(new BufferGeometry(), material), renderOrder);
  }

  /** What a map that becomes another is drawn on, when first wanted. */
  #sheetMade(): Mesh<BufferGeometry, RawShaderMaterial> {
    const material = new RawShaderMaterial({
      glslVersion: GLSL3,
      vertexShader: SHEET_VERTEX,
      fragmentShader: SURFACE_FRAGMENT,
      uniforms: { ...this.#surface.uniforms, ...this.#bending },
      side: DoubleSide,
      blending: NoBlending,
    });
    const made = placed(new Mesh(sheet(), material), 1);
    this.#drawn.add(made);
    return made;
  }

  setCoast(geometry: BufferGeometry): void {
    this.#coast.geometry.dispose();
    this.#coast.geometry = geometry;
  }

  setPlates(geometry: BufferGeometry): void {
    this.#plates.geometry = geometry;
  }

  setEarth(earth: Earth | undefined): void {
    const { uEarth } = this.#surface.uniforms;
    (uEarth!.value as DataArrayTexture | null)?.dispose();
    uEarth!.value = earth ? earthTexture(earth) : null;
  }

  setShards(shards: Shards | undefined): void {
    const { uShards, uTiles } = this.#surface.uniforms;
    (uShards!.value as DataArrayTexture | null)?.dispose();
    uShards!.value = shards ? shardTexture(shards) : null;
    if (shards) (uTiles!.value as Vector2).set(shards.across, shards.up);
  }

  resize(width: number, height: number, ratio: number): void {
    this.renderer.setPixelRatio(ratio);
    this.renderer.setSize(width, height, false);
  }

  /** A shader for just what is shown: a renderer without a graphics card runs all that a shader has. */
  #define(look: Look): void {
    const projection = PROJECTION_NUMBER[look.view.projection];
    const showField = look.showField && this.field.frame !== undefined;
    const compared = this.other.frame ? { none: 0, swipe: 1, difference: 2 }[look.comparison] : 0;
    const isCut = look.bend && [look.bend.from, look.bend.to].some((map) => map === 'mercator' || map === 'polar');
    const map = look.bend ? { BENT: 1, ...(isCut ? { CUT: 1 } : {}) } : { PROJECTION: projection };
    const parts: Record<string, number | false> = {
      PLANE: look.plane !== undefined && 1,
      FIELD: showField && 1,
      NEXT: showField && look.towardsNext > 0 && this.next.frame !== undefined && 1,
      OTHER: showField && compared > 0 && compared,
      LOGARITHMIC: look.logarithmic && 1,
      COVERS_LAND: look.coversLand && 1,
      CONTOURS: look.contours > 0 && 1,
      EARTH: this.#surface.uniforms.uEarth!.value !== null && look.plane === undefined && 1,
      RELIEF: look.relief && 1,
      SHARDS: look.shards && this.#surface.uniforms.uShards!.value !== null && look.plane === undefined && 1,
      DAYLIGHT: look.sun !== undefined && 1,
    };
    const wanted = Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== false));
    define(look.bend && this.#sheet ? this.#sheet.material : this.#surface, { ...map, ...wanted });
    const isGlobe = look.bend?.from === 'globe' || look.view.projection === 'globe';
    define(this.#sky, { PROJECTION: isGlobe ? 0 : projection, ...(look.plane ? { PLANE: 1 } : {}) });
    for (const lines of [this.#coast, this.#graticule, this.#plates]) define(lines.material as RawShaderMaterial, map);
    define(this.#trails.material as RawShaderMaterial, { ...map, STRENGTH: 1 });
  }

  /** Between two maps scale and place are between theirs. */
  #bend(view: View, bend: Bend): void {
    const ratio = this.renderer.getPixelRatio();
    const [shared, bending] = [this.#shared, this.#bending];
    const from = { ...view, projection: bend.from };
    const mix = (a: number, b: number) => a + bend.share * (b - a);
    const straight = scaleOf(from) ** (1 - bend.share) * scaleOf(view) ** bend.share;
    const over = overGlobe(bend);
    const scale = straight ** (1 - over) * scaleOf({ ...view, projection: 'globe' }) ** over;
    const anchor = mix(anchorOf(from), anchorOf(view));
    const flatness = flatnessOf(bend);
    shared.uScale.value = scale * ratio;
    // The globe's air is about the camera's place.
    shared.uShift.value.set(0, -anchor / scale);
    bending.uLatitude.value = (view.latitude * Math.PI) / 180;
    bending.uMaps.value = [PROJECTION_NUMBER[bend.from], PROJECTION_NUMBER[bend.to]];
    bending.uFlatness.value.set(flatness.from, flatness.to);
    bending.uSecond.value = flatness.second;
    bending.uAnchor.value.set(0, anchor * ratio);
    bending.uBand.value.set(...bandOf(bend, view));
    const away = bend.from === 'globe' ? bend.share : bend.to === 'globe' ? 1 - bend.share : 1;
    this.#sky.uniforms.uGlow!.value = Math.max(0, 1 - 2.5 * away) ** 2;
    this.#sheet ??= this.#sheetMade();
    this.renderer.clearDepth();
  }

  draw(look: Look): void {
    const { view, bend } = look;
    const uniforms = this.#surface.uniforms;
    const ratio = this.renderer.getPixelRatio();
    const shared = this.#shared;
    const [right, up, out] = cameraAxes(view);
    shared.uAxes.value.set(...right, ...up, ...out);
    shared.uCentre.value.set((view.longitude * Math.PI) / 180, view.latitude >= 0 ? 1 : -1);
    shared.uSize.value.set(view.width * ratio, view.height * ratio);
    shared.uScale.value = scaleOf(view) * ratio;
    shared.uShift.value.set(...shiftOf(view));
    this.#sky.uniforms.uGlow!.value = 1;

    const half: readonly [number, number] = look.plane ? planeSize(look.plane) : EXTENT[view.projection];
    if (look.plane) (uniforms.uPlane!.value as Vector2).set(...half);
    (uniforms.uBox!.value as Vector4).set(...boxOf(view, half));
    uniforms.uTowardsNext!.value = look.towardsNext;
    uniforms.uSwipe!.value = look.swipe * view.width * ratio;
    (uniforms.uLimits!.value as Vector2).set(...look.limits);
    uniforms.uContours!.value = look.contours;
    uniforms.uExaggeration!.value = look.exaggeration;
    if (look.sun) (uniforms.uSun!.value as Vector3).set(...look.sun);
    if (this.#colours !== look.map) {
      this.#colours = look.map;
      (uniforms.uColours!.value as Table).dispose();
      uniforms.uColours!.value = colourTable(look.map);
    }
    if (bend) this.#bend(view, bend);
    this.#define(look);
    this.#flat.visible = bend === undefined;
    if (this.#sheet) this.#sheet.visible = bend !== undefined;
    const isEarth = look.plane === undefined;
    for (const [lines, isShown] of [
      [this.#coast, look.coast],
      [this.#graticule, look.graticule],
      [this.#plates, look.plates],
      [this.#trails, look.particles],
    ] as const) {
      lines.visible = isShown && isEarth;
      (lines.material as RawShaderMaterial).depthTest = bend !== undefined;
    }
    this.renderer.render(this.#drawn, this.#camera);
  }
}

/** Always drawn, in this order. */
function placed<T extends Mesh | LineSegments>(drawn: T, renderOrder: number): T {
  drawn.frustumCulled = false;
  drawn.renderOrder = renderOrder;
  return drawn;
}

/** Another program where other parts are wanted; three keeps those that it has made. */
function define(material: RawShaderMaterial, defines: Record<string, unknown>): void {
  if (JSON.stringify(material.defines) === JSON.stringify(defines)) return;
  material.defines = defines;
  material.needsUpdate = true;
}

/** Half size of a plane in units of the map, its longer side one. */
export function planeSize([cellsX, cellsY]: readonly [number, number]): [number, number] {
  // A flume one cell wide would be a hair.
  const tall = Math.max(cellsY, cellsX / 8);
  const longer = Math.max(cellsX, tall);
  return [cellsX / longer, tall / longer];
}

function colourTable(name: string): Table {
  const table = colourMap(isColourMapName(name) ? name : ('tide' as ColourMapName));
  const rgba = new Uint8Array(1024).fill(255);
  for (let entry = 0; entry < 256; entry++) rgba.set(table.subarray(3 * entry, 3 * entry + 3), 4 * entry);
  const texture = new Table(rgba, 256, 1, RGBAFormat, UnsignedByteType);
  texture.minFilter = NearestFilter;
  texture.magFilter = NearestFilter;
  texture.needsUpdate = true;
  return texture;
}

function earthTexture({ size, bytes }: Earth): DataArrayTexture {
  const texture = new DataArrayTexture(bytes as Uint8Array<ArrayBuffer>, size, size, 6);
  texture.format = RGBAFormat;
  texture.type = UnsignedByteType;
  texture.minFilter = LinearFilter;
  texture.magFilter = LinearFilter;
  texture.needsUpdate = true;
  return texture;
}

function shardTexture({ across, up, bytes }: Shards): DataArrayTexture {
  const texture = new DataArrayTexture(bytes as Uint8Array<ArrayBuffer>, across, up, 6);
  texture.format = RGBAFormat;
  texture.type = UnsignedByteType;
  texture.minFilter = NearestFilter;
  texture.magFilter = NearestFilter;
  texture.needsUpdate = true;
  return texture;
}

/** Middle and half size, from −1 to 1, of the part of the picture that a map of so many units takes. */
function boxOf(view: View, [x, y]: readonly [number, number]): [number, number, number, number] {
  const scale = scaleOf(view);
  const [shiftX, shiftY] = shiftOf(view);
  const [width, height] = [view.width / 2, view.height / 2];
  // A pixel more on every side, for the limb.
  const left = Math.max(-1, (scale * (-x - shiftX) - 1) / width);
  const right = Math.min(1, (scale * (x - shiftX) + 1) / width);
  const low = Math.max(-1, (scale * (-y - shiftY) - 1) / height);
  const high = Math.min(1, (scale * (y - shiftY) + 1) / height);
  return [(left + right) / 2, (low + high) / 2, Math.max(0, right - left) / 2, Math.max(0, high - low) / 2];
}
