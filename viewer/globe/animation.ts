import * as state from '../state.ts';
import { pictureOf } from './picture.ts';

const WIDTH = 800;
/** A frame that has not come by then is left out [ms]. */
const PATIENCE = 10_000;

/** What an animation is made of: a canvas that draws the time on show when told. */
export interface Stage {
  readonly canvas: HTMLCanvasElement;
  draw(): void;
  isWaiting(): boolean;
}

/** A GIF of the view from one time to another; waits for the frames that it takes. */
export async function animationOf(
  { canvas, draw, isWaiting }: Stage,
  from: number,
  to: number,
  frames: number,
  onFrame: (done: number) => void,
): Promise<Blob> {
  const { GIFEncoder, applyPalette, quantize } = await import('gifenc');
  const gif = GIFEncoder();
  const before = { seconds: state.seconds.value, playing: state.playing.value };
  state.playing.value = false;
  try {
    for (let frame = 0; frame < frames; frame++) {
      state.seconds.value = from + ((to - from) * frame) / Math.max(1, frames - 1);
      const end = performance.now() + PATIENCE;
      do {
        draw();
        await new Promise(requestAnimationFrame);
      } while (isWaiting() && performance.now() < end);
      draw();
      const picture = pictureOf(canvas, WIDTH);
      const { data } = picture.getContext('2d')!.getImageData(0, 0, picture.width, picture.height);
      const palette = quantize(data, 256);
      gif.writeFrame(applyPalette(data, palette), picture.width, picture.height, { palette, delay: 80 });
      onFrame(frame + 1);
    }
  } finally {
    state.seconds.value = before.seconds;
    state.playing.value = before.playing;
  }
  gif.finish();
  return new Blob([gif.bytes() as Uint8Array<ArrayBuffer>], { type: 'image/gif' });
}
