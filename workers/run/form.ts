import type { KernelForm } from '../../engine/compiler/pipeline.ts';

/** Kernel forms that a user may ask for with --backend, fastest first; all give the same bits. */
export const FORMS = ['wasm', 'js', 'reference'] as const satisfies readonly KernelForm[];
export type Form = (typeof FORMS)[number];

/** What may compute a run: this processor in one of those forms, or a graphics device, which has bits of its own. */
export const BACKENDS = [...FORMS, 'webgpu'] as const;
export type Backend = (typeof BACKENDS)[number];

export const formOf = (backend: Backend): KernelForm => (backend === 'webgpu' ? 'wgsl' : backend);
