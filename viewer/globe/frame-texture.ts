import { DataArrayTexture, NearestFilter, RedIntegerFormat, UnsignedShortType, Vector2, Vector3 } from 'three';
import { LARGEST_CODE } from '../../workers/protocol/frame.ts';
import type { DecodedFrame } from '../stream/decoded-frame.ts';

/**
 * A frame on the graphics card: a layer a frame tile, codes as they came. Uniforms are those of `fieldGlsl(name)`.
 */
export class FrameTexture {
  readonly uniforms: Record<string, { value: unknown }>;
  #texture: DataArrayTexture;
  #frame: DecodedFrame | undefined;
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
    this.#texture = empty();
    this.uniforms = {
      [`u${name}`]: { value: this.#texture },
      [`u${name}Shape`]: { value: new Vector3(1, 1, 1) },
      [`u${name}Range`]: { value: new Vector2(0, 0) },
    };
  }

  get frame(): DecodedFrame | undefined {
    return this.#frame;
  }

  /** Shows a frame; one of the shape before is written over it. */
  show(frame: DecodedFrame): void {
    if (frame === this.#frame) return;
    const { cellsX, cellsY, tileX, panels, layerX, layerY, low, high, codes } = frame;
    const layers = codes.length / (layerX * layerY);
    const image = this.#texture.image as { data: Uint16Array; width: number; height: number; depth: number };
    if (image.width === layerX && image.height === layerY && image.depth === layers) image.data = codes;
    else {
      this.#texture.dispose();
      this.#texture = made(codes, layerX, layerY, layers);
      this.uniforms[`u${this.#name}`]!.value = this.#texture;
    }
    this.#texture.needsUpdate = true;
    (this.uniforms[`u${this.#name}Shape`]!.value as Vector3).set(cellsX, tileX, panels === 1 ? cellsY : cellsX / tileX);
    (this.uniforms[`u${this.#name}Range`]!.value as Vector2).set(low, (high - low) / LARGEST_CODE);
    this.#frame = frame;
  }

  /** For a context that was lost: everything goes up again. */
  again(): void {
    this.#texture.needsUpdate = true;
  }

  dispose(): void {
    this.#texture.dispose();
  }
}

function made(codes: Uint16Array, width: number, height: number, layers: number): DataArrayTexture {
  const texture = new DataArrayTexture(codes as Uint16Array<ArrayBuffer>, width, height, layers);
  texture.format = RedIntegerFormat;
  texture.type = UnsignedShortType;
  texture.internalFormat = 'R16UI';
  texture.minFilter = NearestFilter;
  texture.magFilter = NearestFilter;
  // Rows of odd widths end on two bytes.
  texture.unpackAlignment = 2;
  texture.needsUpdate = true;
  return texture;
}

const empty = (): DataArrayTexture => made(new Uint16Array([65535]), 1, 1, 1);
