import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { packMessage } from '../protocol/frame.ts';
import { recipePath } from '../protocol/recipe.ts';
import {
  lastingFramePath,
  movingFramePath,
  SITE_INDEX,
  SITE_STATIONS,
  SITE_VERSION,
  type SiteIndex,
} from '../protocol/site.ts';
import { fileError } from '../store/errors.ts';
import { packTiles } from './frame-encoding.ts';
import { displayLevel } from './frame-tiling.ts';
import { recipeOf } from './recipe.ts';
import type { StoredRun } from './stored-run.ts';

export interface ExportedSite {
  readonly frames: number;
  readonly bytes: number;
}

/** Writes a stored run, what a page computes it again from, and the built viewer as files that any host can serve. Throws DiskFull, NotWritable. */
export async function exportSite(
  run: StoredRun,
  {
    viewer,
    directory,
    engine,
    faults,
  }: {
    readonly viewer: string;
    readonly directory: string;
    readonly engine: string;
    /** The catalogue of faults that earthquakes of visitors take their directions from. */
    readonly faults?: string;
  },
): Promise<ExportedSite> {
  let [frames, bytes] = [0, 0];
  const put = async (path: string, content: Uint8Array): Promise<void> => {
    const file = join(directory, path);
    try {
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, content);
    } catch (error) {
      throw fileError(error, 'write', file);
    }
    bytes += content.length;
  };
  const info = await run.info();
  const level = displayLevel(info.grid);
  const moving: Record<string, readonly number[]> = {};
  const lasting: string[] = [];
  const putFrame = async (path: string, field: string, seconds?: number): Promise<void> => {
    await put(path, await packTiles(await run.frame({ field, level, seconds }), 0));
    frames++;
  };
  try {
    await cp(viewer, directory, { recursive: true });
  } catch (error) {
    throw fileError(error, 'write', directory);
  }
  for (const { name, kind } of info.fields) {
    if (kind === 'lasting') {
      await putFrame(lastingFramePath(name), name);
      lasting.push(name);
      continue;
    }
    const times = run.timesOf(name);
    for (const [index, seconds] of times.entries()) await putFrame(movingFramePath(name, index), name, seconds);
    moving[name] = times;
  }
  await put(
    SITE_STATIONS,
    packMessage({ type: 'stations', run: run.id, stations: info.stations.length > 0 ? await run.stations() : [] }),
  );
  await putRecipe(run, faults, put);
  const progress = { ...run.progress(), times: moving[info.firstField] ?? [] };
  const index: SiteIndex = {
    version: SITE_VERSION,
    engine,
    run: { ...info, levels: [level] },
    progress,
    moving,
    lasting,
  };
  // Last, so that a site without it is seen to be unfinished.
  await put(SITE_INDEX, new TextEncoder().encode(JSON.stringify(index)));
  return { frames, bytes };
}

/** What a page computes the run again from; of a run whose files have gone there is none. */
async function putRecipe(
  run: StoredRun,
  faults: string | undefined,
  put: (path: string, content: Uint8Array) => Promise<void>,
): Promise<void> {
  const made = await recipeOf(run.origin(), faults);
  if (!made) return;
  for (const [path, file] of made.files) await put(path, await readFile(file));
  await put(recipePath(run.id), new TextEncoder().encode(JSON.stringify(made.recipe)));
}
