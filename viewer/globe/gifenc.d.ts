declare module 'gifenc' {
  export function quantize(rgba: Uint8ClampedArray, colours: number): number[][];
  export function applyPalette(rgba: Uint8ClampedArray, palette: number[][]): Uint8Array;
  export function GIFEncoder(): {
    writeFrame(
      pixels: Uint8Array,
      width: number,
      height: number,
      options: { readonly palette: number[][]; readonly delay: number },
    ): void;
    finish(): void;
    bytes(): Uint8Array;
  };
}
