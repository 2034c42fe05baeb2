import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** Inter (Rasmus Andersson, SIL Open Font Licence 1.1), shipped as TrueType by an npm package. */
export type FontWeight = 400 | 600;

export const fontFamily = 'Inter';

const files: Record<FontWeight, string> = {
  400: '@expo-google-fonts/inter/400Regular/Inter_400Regular.ttf',
  600: '@expo-google-fonts/inter/600SemiBold/Inter_600SemiBold.ttf',
};

interface FontFace {
  readonly bytes: Uint8Array;
  /** Advance of a character in em. */
  advance(codePoint: number): number;
}

const faces = new Map<FontWeight, FontFace>();

/** The font files, for the rasteriser. */
export function fontFiles(): Uint8Array[] {
  return [fontFace(400).bytes, fontFace(600).bytes];
}

/** Width of a line of text [px], kerning left out: within 2 % of what is drawn. `size` in px. */
export function textWidth(text: string, size: number, weight: FontWeight = 400): number {
  const face = fontFace(weight);
  let width = 0;
  for (const character of text) width += face.advance(character.codePointAt(0) ?? 0);
  return width * size;
}

function fontFace(weight: FontWeight): FontFace {
  let face = faces.get(weight);
  if (!face) {
    face = readFont(readFileSync(createRequire(import.meta.url).resolve(files[weight])));
    faces.set(weight, face);
  }
  return face;
}

/** Advances from the tables head, hhea, hmtx and cmap (format 4) of a TrueType file (ISO/IEC 14496-22). */
function readFont(bytes: Uint8Array): FontFace {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const tables = new Map<string, number>();
  for (let t = 0; t < view.getUint16(4); t++) {
    const at = 12 + 16 * t;
    tables.set(String.fromCharCode(...bytes.subarray(at, at + 4)), view.getUint32(at + 8));
  }
  const table = (name: string): number => tables.get(name)!;
  const unitsPerEm = view.getUint16(table('head') + 18);
  const metrics = view.getUint16(table('hhea') + 34);
  const glyphs = readCharacterMap(view, table('cmap'));
  return {
    bytes,
    advance(codePoint) {
      const glyph = Math.min(glyphs(codePoint), metrics - 1);
      return view.getUint16(table('hmtx') + 4 * glyph) / unitsPerEm;
    },
  };
}

function readCharacterMap(view: DataView, cmap: number): (codePoint: number) => number {
  let start = 0;
  for (let t = 0; t < view.getUint16(cmap + 2); t++) {
    const at = cmap + view.getUint32(cmap + 4 + 8 * t + 4);
    if (view.getUint16(at) === 4) start = at;
  }
  const segments = view.getUint16(start + 6) / 2;
  const ends = start + 14;
  const starts = ends + 2 * segments + 2;
  const deltas = starts + 2 * segments;
  const offsets = deltas + 2 * segments;
  return (codePoint) => {
    for (let s = 0; s < segments; s++) {
      if (codePoint > view.getUint16(ends + 2 * s)) continue;
      const first = view.getUint16(starts + 2 * s);
      if (codePoint < first) return 0;
      const offset = view.getUint16(offsets + 2 * s);
      const delta = view.getUint16(deltas + 2 * s);
      if (offset === 0) return (codePoint + delta) & 0xffff;
      const glyph = view.getUint16(offsets + 2 * s + offset + 2 * (codePoint - first));
      return glyph === 0 ? 0 : (glyph + delta) & 0xffff;
    }
    return 0;
  };
}
