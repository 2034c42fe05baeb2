import type { KernelForm } from '../../engine/compiler/pipeline.ts';

/** Kernel forms that a user may ask for with --backend, fastest first; all give the same bits. */
export const FORMS = ['wasm', 'js', 'reference'] as const satisfies readonly KernelForm[];
export type Form = (typeof FORMS)[number];
