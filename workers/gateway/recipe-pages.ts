import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { recipePath, statedHash } from '../protocol/recipe.ts';
import { type RecipeWithFiles, recipeOf } from './recipe.ts';
import type { RunBoard } from './run-board.ts';

/** What a page computes runs from, over HTTP. */
export interface RecipePages {
  isOne(url: string | undefined): boolean;
  /** False where there is nothing to answer with. */
  answer(request: IncomingMessage, response: ServerResponse): Promise<boolean>;
}

/** The recipes of a board's runs, and the files that they name; `more`: files of other recipes, by path. */
export function recipePages(board: RunBoard, more: ReadonlyMap<string, string> = new Map()): RecipePages {
  const all = async (): Promise<readonly { id: string; made: RecipeWithFiles }[]> => {
    const made = await Promise.all(
      board.summaries().map(async ({ id }) => {
        const origin = board.source(id).origin();
        return { id, made: origin && (await recipeOf(origin, board.faults?.file)) };
      }),
    );
    return made.flatMap(({ id, made: found }) => (found ? [{ id, made: found }] : []));
  };
  return {
    isOne: (url) => /^\/(recipes|inputs)\//.test(url ?? ''),
    async answer({ url = '', method }, response) {
      const path = url.slice(1).split(/[?#]/)[0]!;
      const recipes = await all();
      const recipe = recipes.find(({ id }) => recipePath(id) === path);
      if (recipe) {
        response.writeHead(200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-cache' });
        response.end(method === 'HEAD' ? undefined : JSON.stringify(recipe.made.recipe));
        return true;
      }
      const file =
        more.get(path) ?? recipes.map(({ made }) => made.files.get(path)).find((found) => found !== undefined);
      if (file === undefined) return false;
      const { size } = await stat(file);
      response.writeHead(200, {
        'Content-Type': 'application/octet-stream',
        'Content-Length': size,
        // Its address says what it holds.
        'Cache-Control': 'private, max-age=31536000, immutable',
        ETag: `"${statedHash(path)}"`,
      });
      if (method === 'HEAD') response.end();
      else await pipeline(createReadStream(file), response).catch(() => response.destroy());
      return true;
    },
  };
}
