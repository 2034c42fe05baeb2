import type { Reply, RunSummary } from '../protocol/viewing.ts';
import { Refusal } from './refusal.ts';
import type { RunSource } from './run-source.ts';
import type { FaultCatalogue } from './what-if.ts';

export type ScenarioList = Extract<Reply, { type: 'welcome' }>['scenarios'];

/** Begins a run of a scenario, a name of the library or YAML, and gives its id. Throws Refusal. */
export type Starter = (scenario: string, variantOf?: string) => Promise<string>;

export interface BoardSettings {
  /** What viewers may start by name. */
  readonly scenarios?: ScenarioList;
  readonly starter?: Starter | undefined;
  /** Without it nobody can think up an earthquake. */
  readonly faults?: FaultCatalogue;
}

/** All runs that a gateway shows, in the order in which they came. */
export class RunBoard {
  readonly scenarios: ScenarioList;
  readonly faults: FaultCatalogue | undefined;
  private readonly sources = new Map<string, RunSource>();
  private readonly listeners = new Set<() => void>();
  private readonly states = new Map<string, string>();
  private readonly starter: Starter | undefined;

  constructor({ scenarios = [], starter, faults }: BoardSettings = {}) {
    this.scenarios = scenarios;
    this.starter = starter;
    this.faults = faults;
  }

  add(source: RunSource): void {
    this.sources.set(source.id, source);
    source.onChange(() => {
      const { state } = source.summary();
      if (this.states.get(source.id) === state) return;
      this.states.set(source.id, state);
      this.changed();
    });
    this.states.set(source.id, source.summary().state);
    this.changed();
  }

  has(id: string): boolean {
    return this.sources.has(id);
  }

  /** Throws Refusal. */
  source(id: string): RunSource {
    const found = this.sources.get(id);
    if (found) return found;
    const known = [...this.sources.keys()].join(', ') || 'none';
    throw new Refusal('unknown-run', `there is no run ${id.slice(0, 80)}. Runs here: ${known}.`);
  }

  /** The run that a viewer sees first: the newest that goes on or, where none does, the first. */
  shown(): string | undefined {
    const all = this.summaries();
    return (all.findLast(({ live, state }) => live && (state === 'running' || state === 'paused')) ?? all[0])?.id;
  }

  summaries(): readonly RunSummary[] {
    return [...this.sources.values()].map((source) => source.summary());
  }

  /** Throws Refusal, also where there is no run that the new one could vary. */
  async start(scenario: string, variantOf?: string): Promise<string> {
    if (!this.starter)
      throw new Refusal('not-possible', 'this gateway plays back runs and starts none. Use terrella start.');
    if (variantOf !== undefined) this.source(variantOf);
    return this.starter(scenario, variantOf);
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private changed(): void {
    for (const listener of this.listeners) listener();
  }
}
