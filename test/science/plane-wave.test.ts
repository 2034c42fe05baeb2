import { describe, expect, it } from 'vitest';
import { advance, channel, laboratory } from './laboratory.ts';

const GRAVITY = 9.80616;
const DEPTH = 4000;
const CELERITY = Math.sqrt(GRAVITY * DEPTH);
const AMPLITUDE = 1e-2;
const WAVELENGTHS = 50;

/** What is left of a sine wave after fifty wavelengths in a periodic channel: its amplitude, and the phase [wavelengths]. */
async function afterFiftyWavelengths(cells: number, courant: number) {
  const length = cells * 1e4;
  const k = (2 * Math.PI) / length;
  const averaging = Math.sin((k * 1e4) / 2) / ((k * 1e4) / 2);
  const wave = (x: number) => AMPLITUDE * averaging * Math.sin(k * x);
  const steps = Math.ceil((WAVELENGTHS * cells) / courant);
  const grid = channel(cells, length, 'periodic');
  const simulation = await laboratory({
    grid,
    bed: () => -DEPTH,
    surface: wave,
    momentumX: (x) => CELERITY * wave(x),
    timeStep: (WAVELENGTHS * length) / CELERITY / steps,
  });
  await advance(simulation, steps);
  const eta = simulation.run.read('surface')[0]!;
  const { longitude } = grid.geometry(0);
  let sine = 0;
  let cosine = 0;
  for (let i = 0; i < cells; i++) {
    sine += (2 * eta[i]! * Math.sin(k * longitude[i]!)) / cells;
    cosine += (2 * eta[i]! * Math.cos(k * longitude[i]!)) / cells;
  }
  return {
    amplitude: Math.hypot(sine, cosine) / (AMPLITUDE * averaging),
    phase: Math.atan2(-cosine, sine) / (2 * Math.PI),
  };
}

describe('a small wave after fifty wavelengths on a periodic plane', () => {
  it('keeps 0.98 of its amplitude at 24 cells a wavelength and Courant number 1.4, 0.007 of a wavelength out of phase', async () => {
    const { amplitude, phase } = await afterFiftyWavelengths(24, 1.4);
    expect(amplitude).toBeGreaterThan(0.979);
    expect(amplitude).toBeLessThan(1);
    expect(Math.abs(phase)).toBeLessThan(0.0075);
  });

  it('loses amplitude at order five and phase at order four', async () => {
    const [coarse, fine] = [await afterFiftyWavelengths(24, 1.4), await afterFiftyWavelengths(48, 1.4)];
    expect(Math.log2((1 - coarse.amplitude) / (1 - fine.amplitude))).toBeGreaterThan(4.7);
    expect(Math.log2(coarse.phase / fine.phase)).toBeGreaterThan(3.8);
  });
});
