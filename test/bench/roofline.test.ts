import { describe, expect, it } from 'vitest';
import { roofline, workOf } from '../../bench/roofline.ts';
import { TSUNAMI_DEFAULTS, tsunami } from '../../engine/models/tsunami.ts';
import { rungeKutta4 } from '../../engine/timesteppers/runge-kutta.ts';
import { kernelOperations } from '../../workers/run/kernel-operations.ts';

describe('the estimate for a graphics card', () => {
  it('is bound by memory where bytes take longer than operations, and else by arithmetic at half of the peak', () => {
    // H100 PCIe: 2000 GB/s and 51 TFLOP/s of fused operations.
    expect(roofline({ operations: 1, bytes: 400 })[0]).toEqual({
      ...{ device: 'H100 PCIe', millionCellStagesPerSecond: 5000, bound: 'memory' },
    });
    expect(roofline({ operations: 25_500, bytes: 4 })[0]).toEqual({
      ...{ device: 'H100 PCIe', millionCellStagesPerSecond: 1000, bound: 'arithmetic' },
    });
  });

  it('counts all that a step does, and at least the state once in and once out', () => {
    const model = tsunami(TSUNAMI_DEFAULTS);
    const { operations, bytes } = workOf(model, rungeKutta4);
    expect(operations * 4).toBeCloseTo(kernelOperations(model, rungeKutta4, 'float32'), -1);
    const prognostic = model.fields.filter(({ role }) => role === 'prognostic').length;
    expect(bytes).toBeGreaterThan(2 * 4 * prognostic);
    const withTracer = workOf(tsunami({ ...TSUNAMI_DEFAULTS, tracers: ['dye'] }), rungeKutta4);
    expect(withTracer.bytes).toBeGreaterThan(bytes);
    expect(withTracer.operations).toBeGreaterThan(operations);
  });
});
