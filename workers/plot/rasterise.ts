import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { initWasm, Resvg } from '@resvg/resvg-wasm';
import { fontFamily, fontFiles } from './font.ts';
import type { Picture } from './png.ts';

let ready: Promise<void> | undefined;

/** Pixels of an SVG, antialiased, by resvg compiled to WebAssembly: the same bytes on every machine. `scale` px a unit. */
export async function rasterise(svg: string, scale = 1): Promise<Picture> {
  ready ??= initWasm(readFileSync(createRequire(import.meta.url).resolve('@resvg/resvg-wasm/index_bg.wasm')));
  await ready;
  const renderer = new Resvg(svg, {
    fitTo: { mode: 'zoom', value: scale },
    font: { fontBuffers: fontFiles(), defaultFontFamily: fontFamily, sansSerifFamily: fontFamily },
  });
  const rendered = renderer.render();
  // A copy: the pixels live in the module's memory until it is freed.
  const picture = { width: rendered.width, height: rendered.height, pixels: rendered.pixels.slice() };
  rendered.free();
  renderer.free();
  return picture;
}
