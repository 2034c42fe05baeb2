export type KernelErrorTag =
  | 'KernelSyntax'
  | 'NotInSubset'
  | 'NotListed'
  | 'BadOffset'
  | 'BadResult'
  | 'SelfCheck'
  | 'BadBinding'
  | 'OutsideHalo'
  | 'StageOrder'
  | 'BadOverride'
  | 'BadMaximum';

/** A kernel or pipeline that cannot be compiled: the place, what was wrong, and the cure. */
export class KernelError extends Error {
  readonly tag: KernelErrorTag;
  constructor(tag: KernelErrorTag, message: string) {
    super(message);
    this.name = 'KernelError';
    this.tag = tag;
  }
}
