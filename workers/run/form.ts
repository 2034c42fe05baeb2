import type { KernelForm } from '../../engine/compiler/pipeline.ts';

/** Kernel forms that a user may ask for with --backend, fastest first; all give the same bits. */
export const FORMS = ['wasm', 'js', 'reference'] as const satisfies readonly KernelForm[];
export type Form = (typeof FORMS)[number];

/** What may compute a run: this processor in one of those forms, or a graphics device, which has bits of its own. */
export const BACKENDS = [...FORMS, 'webgpu'] as const;
export type Backend = (typeof BACKENDS)[number];

/** What a user may ask for: auto has the back ends measured, on the run's own kernels, and the fastest taken. */
export const ASKED_BACKENDS = [...BACKENDS, 'auto'] as const;
export type AskedBackend = (typeof ASKED_BACKENDS)[number];

/** The form that a run is prepared in; what is to be measured begins on the processor. */
export const formOf = (backend: AskedBackend): KernelForm =>
  backend === 'webgpu' ? 'wgsl' : backend === 'auto' ? 'wasm' : backend;

/** What the bits of a result are: the processor's, which anybody can find again, or close to them. */
export const RESULT_CLASSES = ['bitwise', 'tolerance'] as const;
export type ResultClass = (typeof RESULT_CLASSES)[number];
