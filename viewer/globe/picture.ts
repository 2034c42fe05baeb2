import { colourMap, isColourMapName } from '../../workers/plot/colour-maps.ts';
import { colourFraction, colourScale, colourTicks } from '../../workers/plot/colour-scale.ts';
import { displayOf } from '../panels/units.ts';
import * as state from '../state.ts';

const INK = '#e8eef8';
const FAINT = '#9fb0c8';
const FONT = '-apple-system, "Segoe UI", Inter, Roboto, sans-serif';

/** The view as a picture of its own: what the canvas shows, with title, time, legend and what it is not. */
export function pictureOf(canvas: HTMLCanvasElement, width: number): OffscreenCanvas {
  const scale = width / canvas.width;
  const height = Math.round(canvas.height * scale);
  const picture = new OffscreenCanvas(width, height);
  const context = picture.getContext('2d')!;
  context.drawImage(canvas, 0, 0, width, height);
  const unit = Math.max(0.6, width / 1280);
  const write = (text: string, x: number, y: number, size: number, colour: string, align: CanvasTextAlign = 'left') => {
    context.font = `${size > 15 ? 600 : 400} ${Math.round(size * unit)}px ${FONT}`;
    context.textAlign = align;
    context.lineWidth = 4 * unit;
    context.strokeStyle = 'rgba(6, 10, 18, 0.85)';
    context.strokeText(text, x, y);
    context.fillStyle = colour;
    context.fillText(text, x, y);
  };
  const [run, field] = [state.run.value, state.field.value];
  if (!run || !field) return picture;
  const margin = 24 * unit;
  const time = new Date(Date.parse(run.start) + 1000 * state.secondsShown.value);
  write(run.title, margin, margin + 18 * unit, 20, INK);
  const clock = `${time.toISOString().slice(0, 10)}  ${time.toISOString().slice(11, 16)} UTC`;
  write(clock, margin, margin + 42 * unit, 15, FAINT);

  const { map, limits, logarithmic } = state.colouring.value;
  const { factor, units } = displayOf(field);
  const shownLimits = [limits[0] * factor, limits[1] * factor] as const;
  const scaleOfColours = colourScale(isColourMapName(map) ? map : 'tide', shownLimits, { logarithmic });
  const table = colourMap(scaleOfColours.map);
  const bar = { x: margin, y: height - margin - 30 * unit, width: 260 * unit, height: 9 * unit };
  for (let entry = 0; entry < 256; entry++) {
    context.fillStyle = `rgb(${table[3 * entry]} ${table[3 * entry + 1]} ${table[3 * entry + 2]})`;
    context.fillRect(bar.x + (entry * bar.width) / 256, bar.y, bar.width / 256 + 1, bar.height);
  }
  write(units === '' ? field.title : `${field.title} [${units}]`, bar.x, bar.y - 9 * unit, 13, INK);
  for (const { value, text } of colourTicks(scaleOfColours, 5).major)
    write(text, bar.x + colourFraction(scaleOfColours, value) * bar.width, bar.y + 24 * unit, 11, FAINT, 'center');
  write(`${state.engine.value} · not a warning service`, width - margin, height - margin, 11, FAINT, 'right');
  return picture;
}
