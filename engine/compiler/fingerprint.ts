import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { isCommutative, type Node, reachable } from './graph.ts';
import type { Pipeline, TileLayout } from './pipeline.ts';
import { rangeStages } from './plan.ts';

const hash = (text: string): string => bytesToHex(sha256(utf8ToBytes(text)));

/** Text of a number that tells all bits but a NaN's. */
const exact = (value: number): string => (Object.is(value, -0) ? '-0' : String(value));

/** One hash for each node, of its operation and its arguments' hashes: the same however the graph was made. */
function nodeHashes(roots: readonly Node[]): Map<Node, string> {
  const hashes = new Map<Node, string>();
  for (const node of reachable(roots)) {
    const args = node.args.map((arg) => hashes.get(arg)!);
    if (isCommutative(node.op)) args.sort();
    const leaf =
      node.op === 'constant' || node.op === 'boolean'
        ? exact(node.value)
        : node.op === 'read'
          ? `${JSON.stringify(node.name)} ${node.di} ${node.dj}`
          : JSON.stringify(node.name);
    // A mark on a condition changes how fast a kernel is, never a bit.
    hashes.set(node, node.op === 'unlikely' ? args[0]! : hash(`${node.op} ${args.length > 0 ? args.join(' ') : leaf}`));
  }
  return hashes;
}

/**
 * SHA-256 (hex) of what a pipeline computes: its expressions, what they read and write, overrides and maximum, in the
 * layout's precision. It depends neither on the names and files that kernels are written with, nor on how they are
 * compiled, nor on the tile's size. A minifier that rewrites expressions (b ? f(c) : f(d) to f(b ? c : d)) leaves the
 * bits but not the fingerprint: bundle with `minify: { compress: false, mangle: true }`.
 */
export function pipelineFingerprint(pipeline: Pipeline, layout: TileLayout): string {
  const { stages } = rangeStages(pipeline, layout);
  const fieldText = (name: string) => JSON.stringify([name, layout.fields.get(name)?.shape ?? 'transient']);
  const lines = stages.flatMap(({ outputs, maximum }) => {
    const roots = outputs.map(({ node }) => node);
    const hashes = nodeHashes(maximum ? [...roots, maximum] : roots);
    return [
      ...outputs.map(({ field, node }) => `write ${fieldText(field)} ${hashes.get(node)}`).sort(),
      ...(maximum ? [`maximum ${hashes.get(maximum)}`] : []),
      'end',
    ];
  });
  const shapes = new Set(
    stages.flatMap(({ outputs, maximum }) =>
      reachable([...outputs.map(({ node }) => node), ...(maximum ? [maximum] : [])])
        .filter(({ op }) => op === 'read')
        .map(({ name }) => `read ${fieldText(name)}`),
    ),
  );
  const overrides = (pipeline.overrides ?? []).map(({ transient, side, from }) =>
    JSON.stringify(['override', transient, side, from]),
  );
  return hash(['terrella pipeline 1', layout.precision, ...lines, ...[...shapes].sort(), ...overrides].join('\n'));
}
