import type { Request } from '../protocol/viewing.ts';
import { Refusal } from './refusal.ts';
import type { RunSource } from './run-source.ts';

export interface WhatIf {
  readonly yaml: string;
  readonly reasons: readonly string[];
}

export async function whatIf(_source: RunSource, _request: Extract<Request, { type: 'what-if' }>): Promise<WhatIf> {
  throw new Refusal('not-possible', 'not yet');
}
