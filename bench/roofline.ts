import { stripLayoutOf, tileLayout } from '../engine/backends/cpu/memory-plan.ts';
import { reachable } from '../engine/compiler/graph.ts';
import { planPipeline } from '../engine/compiler/plan.ts';
import type { Model } from '../engine/models/model.ts';
import { derivePipelines, type RungeKutta, stagePipelines } from '../engine/timesteppers/runge-kutta.ts';
import { kernelOperations } from '../workers/run/kernel-operations.ts';
import { rounded } from './rows.ts';

/** What one cell takes in one stage of a step, in float32. */
export interface Work {
  /** Arithmetic, comparisons and selects, each counted as one floating-point operation. */
  readonly operations: number;
  /** To and from the device's memory: each shader reads a field once and writes its results once. */
  readonly bytes: number;
}

/** Work of a model as it is laid out on a device: one shader a stage, its results in memory. */
export function workOf(model: Model, scheme: RungeKutta): Work {
  const cells = 32;
  const layout = tileLayout(model, 'float32', cells, cells, 3);
  const strip = model.edge && stripLayoutOf(model.edge, 'float32', cells);
  let fields = 0;
  for (const pipeline of [...stagePipelines(model, scheme, strip), ...derivePipelines(model, scheme)])
    for (const { outputs, maximum } of planPipeline(pipeline, layout).stages) {
      const nodes = reachable([...outputs.map(({ node }) => node), ...(maximum ? [maximum] : [])]);
      const read = new Set(nodes.flatMap((node) => (node.op === 'read' ? [node.name] : [])));
      fields += read.size + outputs.length;
    }
  const stages = scheme.weights.length;
  return {
    operations: Math.round(kernelOperations(model, scheme, 'float32') / stages),
    bytes: Math.round((4 * fields) / stages),
  };
}

/**
 * Published peaks of graphics cards: float32 outside tensor units [10¹² operations a second, a fused multiply-add counted as
 * two] and memory [10⁹ bytes a second]. NVIDIA H100 data sheet (PCIe, 80 GB); NVIDIA Ada GPU architecture white paper, table 2.
 */
const CARDS = [
  { device: 'H100 PCIe', teraflops: 51, gigabytes: 2000 },
  { device: 'RTX 4090', teraflops: 82.6, gigabytes: 1008 },
] as const;

export interface Estimate {
  readonly device: string;
  readonly millionCellStagesPerSecond: number;
  readonly bound: 'memory' | 'arithmetic';
}

/**
 * The most that a card could make by the roofline model, Williams, Waterman & Patterson (2009),
 * doi:10.1145/1498765.1498785. A bound, not a measurement: nothing here is fused, so arithmetic has half of the peak.
 */
export const roofline = ({ operations, bytes }: Work): readonly Estimate[] =>
  CARDS.map(({ device, teraflops, gigabytes }) => {
    const byArithmetic = (teraflops * 1e12) / 2 / operations;
    const byMemory = (gigabytes * 1e9) / bytes;
    return {
      device,
      millionCellStagesPerSecond: rounded(Math.min(byArithmetic, byMemory) / 1e6),
      bound: byMemory < byArithmetic ? 'memory' : 'arithmetic',
    };
  });
