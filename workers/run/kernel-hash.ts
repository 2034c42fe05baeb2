import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { stripLayoutOf, tileLayout } from '../../engine/backends/cpu/memory-plan.ts';
import { pipelineFingerprint } from '../../engine/compiler/fingerprint.ts';
import type { Model } from '../../engine/models/model.ts';
import { derivePipelines, type RungeKutta, stagePipelines } from '../../engine/timesteppers/runge-kutta.ts';

/**
 * SHA-256 of all that makes a model's bits beside the scenario: its kernels as the compiler understands them, whatever
 * their names after bundling, inside tiles and on panel edges, what takes results from where, and its parameters.
 */
export function kernelHash(model: Model, scheme: RungeKutta, precision: 'float32' | 'float64'): string {
  // Any tile will do: the fingerprint is of the kernels, not of the layout's addresses.
  const cells = 32;
  const layout = tileLayout(model, precision, cells, cells, 3);
  const { edge } = model;
  const strip = edge && stripLayoutOf(edge, precision, cells);
  const texts = [
    ...stagePipelines(model, scheme, strip).map((pipeline) => pipelineFingerprint(pipeline, layout)),
    ...derivePipelines(model, scheme).map((pipeline) => pipelineFingerprint(pipeline, layout)),
    ...(strip ? [pipelineFingerprint({ name: 'panel edges', stages: edge.stages }, strip)] : []),
    JSON.stringify([edge?.lines ?? [], edge?.reach ?? 0]),
    // A step of 1 s over a cell of 1 m tells how the step's own parameters are made.
    JSON.stringify([model.parameters, model.stepParameters?.(1, 1) ?? {}, model.parametersAt?.(1) ?? {}]),
  ];
  return bytesToHex(sha256(utf8ToBytes(texts.join('\n'))));
}
