import { computed, signal } from '@preact/signals';
import type { PageProgress, PageResult } from '../../workers/page/compute-recipe.ts';
import { progress, run } from '../state.ts';
import type { Graphics } from './graphics.ts';

/** What a page's own run is held against. */
export interface Expected {
  readonly stateHash: string;
  readonly chain?: string;
  /** Who says so. */
  readonly by: 'run' | 'link';
}

/** A run that this page computes, or has computed. */
export type Computation =
  | { readonly phase: 'idle' }
  | { readonly phase: 'busy'; readonly of: string; readonly title: string; readonly progress: PageProgress }
  | { readonly phase: 'done'; readonly of: string; readonly title: string; readonly result: PageResult }
  | { readonly phase: 'cancelled'; readonly of: string; readonly title: string }
  | { readonly phase: 'failed'; readonly of: string; readonly title: string; readonly message: string };

export const computation = signal<Computation>({ phase: 'idle' });
/** A link may ask that its run be computed here, and say what must come of it. */
export const linked = signal<Linked>({ isAsked: false });

export interface Linked {
  readonly isAsked: boolean;
  readonly stateHash?: string;
  /** The earthquake that is to be thought up on the run. */
  readonly whatIf?: Imagined['asked'];
}

/** An earthquake that is computed here, and the run that it varies. */
export interface Imagined {
  readonly run: string;
  readonly asked: { readonly longitude: number; readonly latitude: number; readonly magnitude: number };
}

/** What is shown is computed here from an earthquake of the visitor's own. */
export const imagined = signal<Imagined | undefined>(undefined);

/** Whether this page's workers may share memory: its host has to allow it by two headers. */
export const sharesMemory = globalThis.crossOriginIsolated === true && typeof SharedArrayBuffer === 'function';
/** More threads than these would only wait for one another. */
const MOST_THREADS = 16;
export const mostThreads = sharesMemory ? Math.min(MOST_THREADS, Math.max(1, navigator.hardwareConcurrency || 1)) : 1;
export const threads = signal(mostThreads);

/** The page's graphics device: undefined until it is known, null where there is none. */
export const graphics = signal<Graphics | null | undefined>(undefined);
/** What the visitor wants the run to be computed on: the processor has everybody's bits, the device its own. */
export const computesOn = signal<'processor' | 'graphics'>('processor');

/** What the run that is computed here was to reach, as it stood when it was asked for. */
export const wanted = signal<Expected | undefined>(undefined);

/** The hash that the run on show ought to have, as far as anybody has said. */
export const expected = computed<Expected | undefined>(() => {
  const { stateHash, chain, run: of } = progress.value ?? {};
  if (of === run.value?.id && stateHash !== undefined)
    return { stateHash, ...(chain === undefined ? {} : { chain }), by: 'run' };
  return linked.value.stateHash === undefined ? undefined : { stateHash: linked.value.stateHash, by: 'link' };
});
