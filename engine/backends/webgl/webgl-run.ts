import type { PipelineModule } from '../../compiler/compile.ts';
import { emitGpujs, type KernelInput } from '../../compiler/emit-gpujs.ts';
import {
  emitGpujsGather,
  emitGpujsLargest,
  emitGpujsMerge,
  emitGpujsSample,
  emitGpujsVerdict,
  type GatheredChannel,
} from '../../compiler/emit-gpujs-passes.ts';
import { SIDES } from '../../compiler/pipeline.ts';
import type { Plan } from '../../compiler/plan.ts';
import { CHANNELS, MAXIMUM, packFields, placesOf, type Quad, writtenBy } from '../../compiler/quads.ts';
import { stageInput, storageOf } from '../../timesteppers/runge-kutta.ts';
import type { CpuRun } from '../cpu/cpu-run.ts';
import type { GatherTable } from '../cpu/memory-plan.ts';
import { changingLines } from '../webgpu/device-tables.ts';
import { DeviceError } from '../webgpu/errors.ts';
import { type Atlas, makeAtlas, quadTexels, texelOf } from './atlas.ts';
import { type Pass, type PassGroup, Textures } from './passes.ts';
import type { Size, WebglDevice } from './webgl-device.ts';
import { edgeTexels, gatherTexels } from './webgl-tables.ts';

/** A parameter beside the model's: how many steps the caller's present advance has made. */
export const AHEAD = '(ahead)';

/** A run on a device: its textures, and the passes that a step is made of, in order. */
export interface WebglRun {
  readonly textures: Textures;
  readonly step: readonly PassGroup[];
  readonly tiles: Atlas;
  readonly strips: Atlas | undefined;
  readonly quads: readonly Quad[];
  /** Those that are there between steps too. */
  readonly lasting: readonly Quad[];
  readonly stripQuads: readonly Quad[];
  /** Of the texture of each tile's verdict. */
  readonly verdictSize: Size;
  /** Cells of samples. */
  readonly cells: number;
  /** Exchanges some fields of a quad for those of the memory. */
  merge(quad: Quad, fields: readonly string[]): void;
  /** Puts a quad on the device as it is in the memory. */
  load(of: 'tiles' | 'strips', quad: Quad): void;
  close(): void;
}

function planOf(module: PipelineModule): Plan {
  if (module.form === 'gpujs') return module.plan;
  throw new DeviceError(
    'NotOnDevice',
    `pipeline ${module.name} was compiled to the form ${module.form}. Start the run with form: gpujs.`,
  );
}

/** Kinds of a strip's arrays: lines that come anew every step, and what stays. */
const stripKind = (run: CpuRun) => {
  const { edgeLines } = run.setups[0]!;
  const isStatic = (from: string) =>
    run.options.model.fields.some(({ name, role }) => name === from && role === 'static');
  return (field: string) => {
    const line = edgeLines.find((each) => each.field === field);
    return line && !isStatic(line.from) ? line.side : '';
  };
};

/** Lays a run out on a device. Throws TooLargeForDevice, DeviceRefused, DeviceLost, NotOnDevice. */
export function layOutOnWebgl(run: CpuRun, device: WebglDevice): WebglRun {
  const setup = run.setups[0]!;
  const { plan, samples } = setup;
  const { largestTexture } = device.renderer;
  const stages = setup.stages.map(planOf);
  const derives = setup.derives.map(planOf);
  const strip = setup.strip && planOf(setup.strip);
  const bases = (blocks: readonly { readonly base: number }[]) => blocks.map(({ base }) => base);
  const stripBlocks = plan.tiles.flatMap((tile) => tile.strips);
  const tiles = makeAtlas('tiles', plan.layout, bases(plan.tiles), largestTexture);
  const strips =
    strip && stripBlocks.length > 0
      ? makeAtlas('strips of panel edges', plan.stripLayout!, bases(stripBlocks), largestTexture)
      : undefined;
  const quads = packFields(plan.layout, [...stages, ...derives]);
  const stripQuads = strips ? packFields(strips.layout, [strip!], stripKind(run)) : [];
  const place = placesOf(quads);
  const memory = new Float32Array(run.memory.buffer);
  const textures = new Textures(device);
  const size = tiles.size('cell');
  const stripsOf = (tile: number) => new Uint32Array(run.memory.buffer, plan.tiles[tile]!.stripPointers, SIDES.length);

  const slot = (of: 'tiles' | 'strips') => (input: KernelInput) =>
    input.of === 'edges' ? 'edges' : input.of === 'strips' ? `strips/${input.quad}` : `${of}/${input.quad}`;
  const shapes = new Map<string, Size>([
    ...quads.map((quad) => [`tiles/${quad.name}`, tiles.size(quad.shape)] as const),
    ...stripQuads.map((quad) => [`strips/${quad.name}`, strips!.size(quad.shape)] as const),
    ['edges', size],
  ]);
  const sized = (name: string, of: Size) => {
    shapes.set(name, of);
    return of;
  };
  const pass = (
    name: string,
    source: string,
    inputs: readonly string[],
    outputs: readonly string[],
    of: Size,
    params: readonly string[] = [],
    also: readonly string[] = [],
  ): Pass => {
    for (const output of outputs) sized(output, of);
    const from = inputs.map((input) => shapes.get(input)!);
    return { name, kernel: device.compile(name, source, of, from, also), size: of, inputs, params, outputs };
  };
  const group = (passes: readonly Pass[], stage = 0, done: readonly string[] = []): PassGroup => ({
    passes,
    stage,
    done,
  });

  const sweep = (of: 'tiles' | 'strips', swept: Plan, stage: number): PassGroup[] => {
    const [own, across] = of === 'tiles' ? [quads, stripQuads] : [stripQuads, []];
    const whole = (of === 'tiles' ? tiles : strips!).size('cell');
    return emitGpujs(swept, own, across).map(({ kernels, done }) =>
      group(
        kernels.map(({ name, source, inputs, params, also, writes }) =>
          pass(
            name,
            source,
            inputs.map(slot(of)),
            writes.map((quad) => `${of}/${quad.name}`),
            whole,
            params,
            also,
          ),
        ),
        stage,
        done.map((name) => `${of}/${name}`),
      ),
    );
  };

  /** Lays a set of gather tables out; gives what makes a pass of it. */
  const tables = (name: string, from: readonly GatherTable[], target: Atlas) => {
    const texels = gatherTexels(run.memory, from, target, tiles);
    if (!texels) return undefined;
    const load = (part: string, of: Size, content: Float32Array) => {
      textures.set(`${name}/${part}`, device.upload(`the tables of ${name}`, sized(`${name}/${part}`, of), content));
      return `${name}/${part}`;
    };
    return [load('map', texels.size, texels.map), load('words', texels.wordSize, texels.words)] as const;
  };
  type Tables = ReturnType<typeof tables>;

  /** Gathers into some fields of a layout, all textures at once. */
  const gather = (
    name: string,
    table: Tables,
    of: 'tiles' | 'strips',
    fields: readonly { readonly field: string; readonly from: string; readonly reversedBy?: 'wall-x' | 'wall-y' }[],
  ): PassGroup[] => {
    if (!table || fields.length === 0) return [];
    const targets = of === 'tiles' ? quads : stripQuads;
    const wanted = targets.filter((quad) => fields.some(({ field }) => quad.fields.includes(field)));
    const passes = wanted.map((quad) => {
      const sources: string[] = [];
      const channels = quad.fields.map((channel): GatheredChannel => {
        const found = fields.find(({ field }) => field === channel);
        if (!found) return undefined;
        const source = place(found.from);
        const texture = `tiles/${source.quad.name}`;
        if (!sources.includes(texture)) sources.push(texture);
        return { texture: sources.indexOf(texture), channel: source.channel, reversedBy: found.reversedBy };
      });
      const target = `${of}/${quad.name}`;
      const inputs = [...table, target, ...sources];
      return pass(`${name} of ${quad.name}`, emitGpujsGather(channels), inputs, [target], shapes.get(target)!);
    });
    return [group(passes)];
  };

  try {
    device.check();
    const isPassing = new Set(
      run.options.model.fields
        .filter(({ role }) => role === 'prognostic')
        .flatMap(({ name }) => storageOf(name).slice(1)),
    );
    const load = (of: 'tiles' | 'strips', quad: Quad) => {
      const atlas = of === 'tiles' ? tiles : strips!;
      textures.set(
        `${of}/${quad.name}`,
        device.upload(
          `the ${atlas.bases.length} ${of} of the run`,
          atlas.size(quad.shape),
          quadTexels(atlas, quad, memory),
        ),
      );
    };
    const lasting = quads.filter(({ fields }) => !fields.every((field) => isPassing.has(field)));
    for (const quad of lasting) load('tiles', quad);
    for (const quad of stripQuads) load('strips', quad);
    if (strips) textures.set('edges', device.upload('faces on panel edges', size, edgeTexels(tiles, strips, stripsOf)));

    const step: PassGroup[] = [];
    const ghosts = tables(
      'ghosts',
      plan.tiles.flatMap(({ gathers }) => gathers),
      tiles,
    );
    const margins = tables(
      'margins',
      plan.tiles.flatMap((tile) => tile.margins),
      tiles,
    );
    const own =
      strips &&
      tables(
        'own lines',
        stripBlocks.flatMap((each) => each.own),
        strips,
      );
    const partner =
      strips &&
      tables(
        'partners’ lines',
        stripBlocks.flatMap((each) => each.partner),
        strips,
      );

    const cells = (samples?.points ?? 0) * (samples?.width ?? 0);
    if (samples) {
      const seriesSize = sized('series', { width: cells, height: Math.max(2, run.options.sampleCapacity) });
      textures.set(
        'series',
        device.upload('samples', seriesSize, new Float32Array(cells * seriesSize.height * CHANNELS)),
      );
      for (const [name, texels] of sampleTexels(run, tiles, place)) {
        const places = `places/${name}`;
        textures.set(places, device.upload('cells of samples', sized(places, { width: cells, height: 2 }), texels));
        const inputs = ['series', places, `tiles/${name}`];
        step.push(group([pass(`samples of ${name}`, emitGpujsSample(), inputs, ['series'], seriesSize, [AHEAD])]));
      }
    }

    for (const [stage, swept] of stages.entries()) {
      const where = `stage ${stage + 1}`;
      const arraysIn = (fields: typeof setup.exchanged, arrayOf: (name: string) => string) =>
        fields.map(({ name, reversedBy }) => ({
          field: arrayOf(name),
          from: arrayOf(name),
          ...(reversedBy ? { reversedBy } : {}),
        }));
      const exchanged = arraysIn(setup.exchanged, (name) => stageInput(name, stage));
      const derive = derives[stage];
      if (derive) {
        step.push(...gather(`margins in ${where}`, margins, 'tiles', exchanged));
        step.push(...sweep('tiles', derive, stage));
      }
      const filled = derive ? arraysIn(setup.derived, (name) => name) : exchanged;
      step.push(...gather(`ghosts in ${where}`, ghosts, 'tiles', filled));
      if (strips) {
        step.push(...gather(`own lines in ${where}`, own, 'strips', changingLines(setup, 'own', stage)));
        step.push(...gather(`partners’ lines in ${where}`, partner, 'strips', changingLines(setup, 'partner', stage)));
        step.push(...sweep('strips', strip!, stage));
      }
      step.push(...sweep('tiles', swept, stage));
    }

    const verdictSize = sized('verdict', { width: tiles.across, height: Math.max(2, tiles.down) });
    textures.set(
      'verdict',
      device.upload('verdicts', verdictSize, new Float32Array(verdictSize.width * verdictSize.height * CHANNELS)),
    );
    const stored = new Set(stages[stages.length - 1]!.sweep.flatMap(writtenBy));
    const judged = quads.filter(({ fields }) => fields.some((field) => stored.has(field)));
    const isJudged = (field: string) => stored.has(field) && field !== MAXIMUM;
    const judgedFirst = [...judged].sort(
      (a, b) => Number(b.fields.includes(MAXIMUM)) - Number(a.fields.includes(MAXIMUM)),
    );
    const inUse = judgedFirst.map(({ fields }) => fields.filter(isJudged).length);
    const largest = judgedFirst[0]?.fields.indexOf(MAXIMUM) ?? -1;
    const inputs = judgedFirst.map(({ name }) => `tiles/${name}`);
    step.push(
      group([
        pass('largest values', emitGpujsLargest(plan.layout, largest, inUse), inputs, ['rows'], tiles.size('row')),
      ]),
    );
    const passing = quads.filter((quad) => !lasting.includes(quad)).map(({ name }) => `tiles/${name}`);
    const verdict = pass('verdicts', emitGpujsVerdict(plan.layout), ['rows', 'verdict'], ['verdict'], verdictSize, [
      AHEAD,
    ]);
    step.push(group([verdict], 0, ['rows', ...passing]));

    return {
      textures,
      step,
      tiles,
      strips,
      quads,
      lasting,
      stripQuads,
      verdictSize,
      cells,
      load,
      merge: (quad, fields) => {
        const name = `tiles/${quad.name}`;
        const source = emitGpujsMerge(quad.fields.map((field) => fields.includes(field)));
        const fresh = device.upload('what has changed', size, quadTexels(tiles, quad, memory));
        const kernel = device.compile('what has changed', source, size, [size, size]);
        textures.set(name, device.run('what has changed', kernel, size, [textures.get(name), fresh])[0]!);
        device.give(fresh);
      },
      close: () => textures.close(),
    };
  } catch (cause) {
    textures.close();
    throw cause;
  }
}

/** Of each quad with cells of samples: where these stand, and −1 for those of other quads. */
function sampleTexels(run: CpuRun, tiles: Atlas, place: ReturnType<typeof placesOf>): Map<string, Float32Array> {
  const { points, width, elements, cells, weights } = run.setups[0]!.samples!;
  const fields = new Map([...run.plan.layout.fields.values()].map(({ name, offset }) => [offset, name]));
  const found = new Map<string, Float32Array>();
  for (let k = 0; k < points * width; k++) {
    if (weights[k] === 0) continue;
    const { quad, channel } = place(fields.get(elements[k]! * 4 - cells[k]!)!);
    const texels = found.get(quad.name) ?? new Float32Array(points * width * 2 * CHANNELS).fill(-1);
    found.set(quad.name, texels);
    const { x, y } = texelOf(tiles, cells[k]!);
    texels.set([x, y, channel], k * CHANNELS);
  }
  return found;
}
