/** How long one map takes to give way to another [ms]. */
const FADE = 450;

/** Leaves what the canvas shows now over it, and lets it fade: the eye keeps hold of where it was. */
export function fadeFrom(canvas: HTMLCanvasElement): void {
  const still = document.createElement('canvas');
  still.width = canvas.width;
  still.height = canvas.height;
  still.getContext('2d')!.drawImage(canvas, 0, 0);
  still.setAttribute('aria-hidden', 'true');
  still.className = 'fading';
  canvas.after(still);
  const fade = still.animate([{ opacity: 1 }, { opacity: 0 }], { duration: FADE, easing: 'ease-in-out' });
  fade.finished.finally(() => still.remove()).catch(() => {});
}
