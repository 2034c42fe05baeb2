import type { Accessor, Kernel } from '../kernels/kernel.ts';
import { createEvaluator } from './evaluate.ts';
import type { Node } from './graph.ts';
import { KernelError } from './kernel-error.ts';

const TRIALS = 48;

const SPECIAL = [0, -0, 1, -1, Number.NaN, Infinity, -Infinity, 5e-324, -2.5e-310, 1e300, -1e155, 1e-160, 0.5, 2 ** 53];

/** A number from the name it is asked for and where: FNV-1a over the text. */
function textHash(text: string): number {
  let h = 0x811c9dc5;
  for (let k = 0; k < text.length; k++) h = Math.imul(h ^ text.charCodeAt(k), 0x01000193);
  return h;
}

/** Finished as in MurmurHash3, so that every bit of every input matters. */
function mixed(seed: number, di: number, dj: number, trial: number): number {
  let h = seed ^ Math.imul(di + 64, 0x9e3779b1) ^ Math.imul(dj + 64, 0x85ebca77) ^ Math.imul(trial + 1, 0x27d4eb2f);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Tame values in even trials; every third odd one is drawn from the special values alone, the rest are mixed. */
function sample(trial: number, h: number): number {
  const uniform = h / 2 ** 32;
  if (trial % 2 === 0) return (uniform - 0.5) * (trial % 4 === 0 ? 4 : 1e4);
  if (trial % 3 === 0 || h % 5 === 0) return SPECIAL[(h >>> 8) % SPECIAL.length]!;
  return (uniform - 0.4) * 2 ** ((h % 61) - 30);
}

/** Throws KernelError unless graph and function agree to the bit on many neighbourhoods, wild ones among them. */
export function checkAgainstFunction(kernel: Kernel, outputs: ReadonlyMap<string, Node>): void {
  const names = [...outputs.keys()];
  const evaluate = createEvaluator([...outputs.values()], 'float64');
  const seeds = new Map([...kernel.reads, ...kernel.params].map((name) => [name, textHash(name)]));
  for (let trial = 0; trial < TRIALS; trial++) {
    const at = (field: string, di: number, dj: number) => sample(trial, mixed(seeds.get(field)!, di, dj, trial));
    const param = (name: string) => sample(trial, mixed(seeds.get(name)!, 99, 0, trial));
    const fields: Record<string, Accessor> = {};
    for (const field of kernel.reads) fields[field] = (di, dj) => at(field, di + 0, dj + 0);
    const params = Object.fromEntries(kernel.params.map((name) => [name, param(name)]));
    const expected = kernel.body(fields, params);
    const found = evaluate((node) => at(node.name, node.di, node.dj), param);
    names.forEach((name, k) => {
      if (Object.is(found[k], expected[name])) return;
      throw new KernelError(
        'SelfCheck',
        `kernel ${kernel.name}: the compiled ${name} is ${found[k]} where the function gives ${expected[name]}. ` +
          'A name in uses may stand for another thing than in the text, or the body keeps state: make it a pure function of its arguments.',
      );
    });
  }
}
