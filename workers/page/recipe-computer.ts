import { stepHere } from '../../engine/backends/cpu/stepper.ts';
import type { InputFiles } from '../../scenarios/input-files.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import { LiveRun } from '../gateway/live-run.ts';
import { RunBoard } from '../gateway/run-board.ts';
import { ViewerSession } from '../gateway/viewer-session.ts';
import type { Asked, WhatIf } from '../gateway/what-if.ts';
import { RECIPE_VERSION, type Recipe, recipePath } from '../protocol/recipe.ts';
import { computeHere, type PageProgress, type PageResult } from './compute-recipe.ts';
import { imagineHere, readImagined } from './imagined.ts';
import { type DeviceApi, openPageDevice, type PageDevice } from './page-device.ts';
import { startPageThreads } from './page-threads.ts';
import { portLine } from './port-line.ts';
import { type FetchBytes, webInputFiles } from './web-files.ts';

/** What is to be computed, from a recipe that lies beside the page at `base`. */
export interface Wanted {
  readonly base: string;
  readonly run: string;
  readonly threads: number;
  /** By what to compute on the graphics device; left out: on the processor. */
  readonly device?: DeviceApi;
  /** Another scenario on the sea floor of that run, as YAML. */
  readonly yaml?: string;
}

/** What a page may ask of the worker that computes. */
export interface RecipeComputer {
  /** Computes a run. Throws RecipeMissing, BadRecipe, and what `computeHere` throws. */
  compute(wanted: Wanted, onProgress: (progress: PageProgress) => void): Promise<PageResult>;
  /** The scenario of an earthquake on the ocean of a recipe. Throws RecipeMissing, Refusal. */
  imagine(wanted: Pick<Wanted, 'base' | 'run'>, asked: Asked): Promise<WhatIf>;
  /** Shows the runs that are computed here to a viewer at the other end of the port, as a gateway does. */
  connect(port: MessagePort, engine: string): void;
}

/** Computes on workers that `startThread` makes, one a thread; input files are fetched once for all runs. */
export function recipeComputer(startThread: () => Worker): RecipeComputer {
  const known = new Map<string, InputFiles>();
  const filesAt = (base: string, fetchBytes: FetchBytes): InputFiles => {
    const files = known.get(base) ?? webInputFiles(fetchBytes);
    known.set(base, files);
    return files;
  };
  let board = new RunBoard();
  let shown: LiveRun | undefined;
  return {
    async imagine({ base, run }, asked) {
      const fetchBytes = fetchFrom(base);
      const { scenario, faults } = await recipeAt(fetchBytes, run);
      if (faults === undefined) throw new Error('RecipeMissing: no catalogue of faults is beside this page.');
      return imagineHere(scenario as Scenario, asked, faults, filesAt(base, fetchBytes));
    },
    async compute({ base, run, threads, device: api, yaml }, onProgress) {
      const fetchBytes = fetchFrom(base);
      const { scenario: found } = await recipeAt(fetchBytes, run);
      const varied = found as Scenario;
      const scenario = yaml === undefined ? varied : await readImagined(yaml, varied);
      // One run at a time: the memory of the last one is wanted now.
      await shown?.release();
      const live = new LiveRun(yaml === undefined ? run : scenario.name, {
        name: scenario.name,
        title: scenario.title,
      });
      board = new RunBoard();
      board.add(live);
      shown = live;
      let device: PageDevice | undefined;
      try {
        device = api && (await openPageDevice(api));
        const result = await computeHere({
          scenario,
          files: filesAt(base, fetchBytes),
          threads,
          device,
          begin: async (cpuRun) => (cpuRun.options.shared ? startPageThreads(cpuRun, startThread) : stepHere(cpuRun)),
          onProgress,
          live,
        });
        const { stateHash, chain } = result;
        const bits = stateHash === undefined || chain === undefined ? {} : { stateHash, chain };
        const wallSeconds = result.stepping / 1000;
        const realTimeFactor = scenario.time.duration / wallSeconds;
        live.ended({ outcome: 'finished', result: { ...bits, wallSeconds, realTimeFactor } });
        return result;
      } catch (error) {
        live.ended(
          { outcome: live.stopAsked ? 'interrupted' : 'failed' } as { outcome: 'failed' },
          error instanceof Error ? error.message : String(error),
        );
        throw error;
      } finally {
        await device?.close();
      }
    },
    connect(port, engine) {
      // Whoever looks at a page's own run may also pause it.
      new ViewerSession(portLine(port), {
        board,
        isToken: () => true,
        engine,
        report: (error) => console.error('the run in this page was not shown:', error),
      });
    },
  };
}

function fetchFrom(base: string): FetchBytes {
  return async (path) => {
    const answer = await fetch(new URL(path, base));
    if (!answer.ok) throw new Error(`InputUnreadable: ${path} is not there (${answer.status}). Load the page again.`);
    return new Uint8Array(await answer.arrayBuffer());
  };
}

async function recipeAt(fetchBytes: FetchBytes, run: string): Promise<Recipe> {
  const bytes = await fetchBytes(recipePath(run)).catch((cause: unknown) => {
    throw new Error(
      'RecipeMissing: what this run is made from is not beside this page. Its files may be too large for a page, or have been taken away since it ran.',
      { cause },
    );
  });
  const recipe = JSON.parse(new TextDecoder().decode(bytes)) as Recipe;
  if (recipe.version !== RECIPE_VERSION)
    throw new Error(`BadRecipe: version ${recipe.version} is not known here. Load the page again.`);
  return recipe;
}
