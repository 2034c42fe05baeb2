import type { Kernel } from '../kernels/kernel.ts';
import type { Value } from './abstract-value.ts';
import { createGraph, type Graph, type Node } from './graph.ts';
import { createInterpreter } from './interpreter.ts';
import { KernelError } from './kernel-error.ts';
import type { Precision } from './pipeline.ts';
import { checkAgainstFunction } from './self-check.ts';
import { listedNames, parseFunction, type Source } from './source.ts';

/** A kernel as expressions; reads carry the kernel's own names. */
export interface KernelGraph {
  readonly kernel: Kernel;
  readonly graph: Graph;
  readonly outputs: ReadonlyMap<string, Node>;
}

const compiled: Record<Precision, WeakMap<Kernel, KernelGraph>> = { float32: new WeakMap(), float64: new WeakMap() };

/**
 * Follows a kernel's text to the graph of what it computes, and checks the float64 graph against the function itself.
 * Throws KernelError.
 */
export function kernelGraph(kernel: Kernel, precision: Precision): KernelGraph {
  const known = compiled[precision].get(kernel);
  if (known) return known;
  const result = followText(kernel, precision);
  if (precision === 'float64') checkAgainstFunction(kernel, result.outputs);
  // The check needs float64: the function itself knows no float32.
  else kernelGraph(kernel, 'float64');
  compiled[precision].set(kernel, result);
  return result;
}

function followText(kernel: Kernel, precision: Precision): KernelGraph {
  const label = `kernel ${kernel.name}`;
  for (const [list, names] of Object.entries({ reads: kernel.reads, writes: kernel.writes, params: kernel.params })) {
    const twice = names.find((name, k) => names.indexOf(name) !== k);
    if (twice !== undefined)
      throw new KernelError('NotListed', `${label}: ${list} lists ${twice} twice. List each name once.`);
  }
  const source: Source = {
    label,
    fn: parseFunction(kernel.body, label),
    listed: listedNames(kernel.uses, label),
  };
  const graph = createGraph(precision);
  const fields: Value = {
    kind: 'object',
    closed: 'reads',
    members: new Map(kernel.reads.map((field) => [field, { kind: 'accessor', field }])),
  };
  const params: Value = {
    kind: 'object',
    closed: 'params',
    members: new Map(kernel.params.map((name) => [name, { kind: 'node', node: graph.param(name) }])),
  };
  const result = createInterpreter(graph).callSource(source, [fields, params]);
  if (result.kind !== 'object')
    throw new KernelError('BadResult', `${label}: the body returns no object. Return { ${kernel.writes.join(', ')} }.`);
  const outputs = new Map<string, Node>();
  for (const name of kernel.writes) {
    const value = result.members.get(name);
    if (value?.kind !== 'node' || value.node.type !== 'number')
      throw new KernelError(
        'BadResult',
        `${label}: the result has no number ${name}, which writes lists. Return it, or take it off the list.`,
      );
    outputs.set(name, value.node);
  }
  return { kernel, graph, outputs };
}
