import { expect } from 'vitest';
import type { ExperimentName, RunFinding } from './experiments.ts';
import type { KernelFinding } from './parity.ts';

/** What has to hold of a device, wherever it was found out. */

/**
 * How far a kernel's result may be from WebAssembly's in float32, in ulps of the largest value of its field. SwiftShader
 * reaches 0; a device that contracts products into sums and errs in each quotient and root by as much as WGSL allows stays below
 * (12 with the habits tried, deep).
 */
export const ULPS = 16;

/** After 100 steps, in units of the largest departure of a field from its start. */
export const FURTHEST = 1e-4;
export const ROOT_MEAN_SQUARE = 2e-6;
export const MASS = 1e-6;

export function expectKernels(name: string, findings: readonly KernelFinding[]): void {
  expect(findings.length).toBeGreaterThan(4);
  for (const { pipeline, field, furthest, changed, largest } of findings) {
    expect(furthest, `${pipeline}: ${field}`).toBeLessThanOrEqual(ULPS);
    // What nothing wrote would agree in any case.
    expect(changed, pipeline).toBeGreaterThanOrEqual(4);
    expect(largest[0], pipeline).toBe(largest[1]);
  }
  console.log(`${name}: at most ${Math.max(...findings.map(({ furthest }) => furthest))} ulp of the largest value`);
}

export function expectRun(name: ExperimentName, { fields, mass, wetted, dried }: RunFinding): void {
  for (const { name: field, moved, furthest, rms, range } of fields) {
    // On a plane nothing moves along the third axis.
    if (name === 'bowl' && field === 'momentumZ') expect(moved).toBe(0);
    else expect(moved, `${field} moves`).toBeGreaterThan(0);
    expect(furthest, field).toBeLessThan(FURTHEST);
    expect(rms, field).toBeLessThan(ROOT_MEAN_SQUARE);
    if (field === 'slotted_cylinders') {
      expect(range[0]).toBeGreaterThan(0.1 - 1e-6);
      expect(range[1]).toBeLessThan(1 + 1e-6);
    }
  }
  expect(Math.abs(mass)).toBeLessThan(MASS);
  if (name === 'continents' || name === 'bowl') expect(wetted).toBeGreaterThan(5);
  if (name === 'bowl') expect(dried).toBeGreaterThan(10);
  const said = fields.map(({ name: field, furthest }) => `${field} ${furthest.toPrecision(2)}`);
  console.log(`${name}: largest differences ${said.join(', ')}; mass ${mass.toExponential(1)}`);
}

export function expectRest({ fields }: RunFinding): void {
  const still = fields.filter(({ name }) => /^surface$|^momentum|^maximumSpeed$/.test(name));
  expect(still.length).toBe(5);
  for (const { name, moved, furthest, range } of still) {
    expect(moved, name).toBe(0);
    expect(furthest, name).toBe(0);
    if (name !== 'surface') expect(range, name).toEqual([0, 0]);
  }
}
