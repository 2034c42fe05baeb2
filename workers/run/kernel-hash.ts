import { pipelineFingerprint } from '../../engine/compiler/fingerprint.ts';
import { layOutTile } from '../../engine/compiler/pipeline.ts';
import type { Model } from '../../engine/models/model.ts';
import { type RungeKutta, stagePipelines, storageOf } from '../../engine/timesteppers/runge-kutta.ts';
import { sha256Hex } from '../store/state-hash.ts';

/** SHA-256 of a model's kernels as the compiler understands them, whatever their names after bundling. */
export function kernelHash(model: Model, scheme: RungeKutta, precision: 'float32' | 'float64'): string {
  // Any tile will do: the fingerprint is of the kernels, not of the layout's addresses.
  const layout = layOutTile(
    precision,
    32,
    32,
    3,
    model.fields.flatMap(({ name, role, shape = 'cell' }) =>
      role === 'prognostic' ? storageOf(name).map((part) => ({ name: part, shape })) : [{ name, shape }],
    ),
  );
  const hashes = stagePipelines(model, scheme).map((pipeline) => pipelineFingerprint(pipeline, layout));
  return sha256Hex(new TextEncoder().encode(hashes.join('\n')));
}
