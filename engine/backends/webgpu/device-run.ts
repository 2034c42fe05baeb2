import type { PipelineModule } from '../../compiler/compile.ts';
import { emitWgslGather } from '../../compiler/emit-wgsl-gather.ts';
import type { GatheredField } from '../../compiler/gather.ts';
import { BLOCK, CELL_GROUP, CONTROL, LIST_GROUP, paramRow } from '../../compiler/wgsl-layout.ts';
import { stageInput } from '../../timesteppers/runge-kutta.ts';
import type { CpuRun } from '../cpu/cpu-run.ts';
import type { GatherTable } from '../cpu/memory-plan.ts';
import { COPY_SRC, type ComputeDevice, MAP_READ, STORAGE } from './compute-device.ts';
import {
  ghostFields,
  joinTables,
  lineFields,
  type Member,
  ownTiles,
  settledArrays,
  sourceWords,
  stripBlockWords,
  tileBlockWords,
} from './device-tables.ts';
import { DeviceError } from './errors.ts';
import { type Access, type Binding, bind, compileProgram, type Dispatch, overList } from './programs.ts';
import { conclude, judge, sample, settle } from './step-shaders.ts';

/** What intermediate results of tiles may take together unless told [bytes]; tiles that do not fit take turns. */
const TRANSIENT_BYTES = 2 ** 28;

/** Blocks that one binding may begin with: their words fill 256 bytes. */
const BLOCKS_ALIGNED = 64 / BLOCK.words;

/** Workgroups that may lie behind one another. */
const MOST_BLOCKS = 65535 - (65535 % BLOCKS_ALIGNED);

/** Where the parameters of one pipeline in one stage lie: `row` elements for each step, from `offset` [bytes] on. */
export interface ParamBlock {
  readonly names: readonly string[];
  readonly stage: number;
  readonly offset: number;
  readonly row: number;
}

/** The buffers and shaders of a run on a device, and the dispatches that one step is made of, in order. */
export interface DeviceRun {
  readonly step: readonly Dispatch[];
  /** Places in `step` at which phases begin: before each a share of a run has halos to exchange. */
  readonly phases: readonly number[];
  readonly params: readonly ParamBlock[];
  /** Of all steps that are made without a word in between. */
  readonly paramBytes: number;
  readonly cells: number;
  readonly buffers: {
    readonly memory: GPUBuffer;
    readonly params: GPUBuffer;
    readonly control: GPUBuffer;
    readonly activity: GPUBuffer;
    readonly series: GPUBuffer;
    readonly readback: GPUBuffer;
  };
  /** Bytes of all buffers on the device. */
  readonly bytes: number;
  close(): void;
}

type WgslModule = Extract<PipelineModule, { form: 'wgsl' }>;

function wgsl(module: PipelineModule): WgslModule {
  if (module.form === 'wgsl') return module;
  throw new DeviceError(
    'NotOnDevice',
    `pipeline ${module.name} was compiled to the form ${module.form}. Start the run with form: wgsl.`,
  );
}

/**
 * Lays a run out on a device. Its memory there is the run's own, address for address, so that compiled kernels, gather
 * tables and samples mean the same cells; tables are written anew so that all tiles gather at once.
 * Throws TooLargeForDevice, NotOnDevice, DeviceLost.
 */
export async function layOutOnDevice(
  run: CpuRun,
  gpu: ComputeDevice,
  transientLimit = TRANSIENT_BYTES,
): Promise<DeviceRun> {
  const setup = run.setups[0]!;
  const { plan, samples } = setup;
  const tiles = plan.tiles.length;
  const capacity = run.options.sampleCapacity;
  const stages = setup.stages.map(wgsl);
  const derives = setup.derives.map(wgsl);
  const strip = setup.strip && wgsl(setup.strip);
  const own = ownTiles(run);
  const strips = own.flatMap((id) => plan.tiles[id]!.strips.map((each) => ({ ...each, tile: id })));
  const made: GPUBuffer[] = [];
  const buffer = (what: string, bytes: number, usage: number, content?: ArrayBufferView<ArrayBuffer>): GPUBuffer => {
    const found = gpu.buffer(what, bytes, usage, content);
    made.push(found);
    return found;
  };
  const close = () => {
    for (const each of made) each.destroy();
  };
  try {
    const cells = (samples?.points ?? 0) * (samples?.width ?? 0);
    const memory = buffer(`the ${tiles} tiles of the run`, plan.bytes, STORAGE | COPY_SRC);
    const control = buffer('duties', (CONTROL.duties + tiles) * 4, STORAGE | COPY_SRC);
    const activity = buffer('activities', tiles * 4, STORAGE | COPY_SRC);
    const found = buffer('largest values', tiles * 4, STORAGE);
    const series = buffer('samples', capacity * cells * 4, STORAGE | COPY_SRC);
    const tileBlocks = buffer('tiles', own.length * BLOCK.words * 4, STORAGE, tileBlockWords(run, own));
    const stripBlocks = buffer('strips', strips.length * BLOCK.words * 4, STORAGE, stripBlockWords(strips));

    const params: ParamBlock[] = [];
    let paramBytes = 0;
    const paramsOf = (module: WgslModule, stage: number): Binding => {
      const row = paramRow(module.params.length);
      const block = { names: module.params, stage, offset: paramBytes, row };
      params.push(block);
      paramBytes += capacity * row * 4;
      return { buffer: paramBuffer, offset: block.offset, size: capacity * row * 4 };
    };
    const blocksOf = [...stages, ...derives, ...(strip ? stages.map(() => strip) : [])];
    const paramBuffer = buffer(
      'parameters',
      blocksOf.reduce((sum, module) => sum + capacity * paramRow(module.params.length) * 4, 0),
      STORAGE,
    );

    const batchOf = (module: WgslModule, count: number): number => {
      const fits = Math.floor(
        Math.min(transientLimit, gpu.adapter.largestBinding) / Math.max(1, module.transientElements * 4),
      );
      return Math.min(count, MOST_BLOCKS, Math.max(1, Math.floor(fits / BLOCKS_ALIGNED)) * BLOCKS_ALIGNED);
    };
    const transientBytes = (module: WgslModule, count: number) => module.transientElements * 4 * batchOf(module, count);
    const transients = buffer(
      'intermediate results',
      Math.max(
        ...[...stages, ...derives].map((module) => transientBytes(module, own.length)),
        strip ? transientBytes(strip, strips.length) : 0,
      ),
      STORAGE,
    );

    const list = async (
      name: string,
      code: string,
      access: readonly Access[],
      bindings: readonly Binding[],
      count: number,
    ): Promise<Dispatch> => {
      const program = await compileProgram(gpu, name, code, access);
      return { program, group: bind(gpu, program, bindings), ...overList(count, LIST_GROUP) };
    };

    /** All stages of a pipeline over some blocks, batch by batch. */
    const sweep = async (module: WgslModule, blocks: GPUBuffer, count: number, given: Binding): Promise<Dispatch[]> => {
      const programs = await Promise.all(
        module.stages.map(({ name, code }) =>
          compileProgram(gpu, `${module.name}: ${name}`, code, ['write', 'write', 'read', 'read', 'read', 'write']),
        ),
      );
      const batch = batchOf(module, count);
      const dispatches: Dispatch[] = [];
      for (let first = 0; first < count; first += batch) {
        const many = Math.min(batch, count - first);
        const turn = { buffer: blocks, offset: first * BLOCK.words * 4, size: many * BLOCK.words * 4 };
        const bindings = [
          { buffer: memory },
          { buffer: transients },
          turn,
          given,
          { buffer: control },
          { buffer: found },
        ];
        let group: GPUBindGroup | undefined;
        module.stages.forEach(({ cells: inTile }, s) => {
          const program = programs[s]!;
          group ??= bind(gpu, program, bindings);
          dispatches.push({ program, group, x: groupsOfTile(inTile), y: many });
        });
      }
      return dispatches;
    };

    const tablesOf = (members: readonly Member[]) =>
      joinTables(run, members).map(({ mirror, words, count }) => ({
        mirror,
        count,
        entries: buffer('gather tables', words.byteLength, STORAGE, words),
      }));
    const gather = async (
      name: string,
      tables: ReturnType<typeof tablesOf>,
      fieldsAt: (mirror: GatherTable['mirror']) => readonly GatheredField[],
    ): Promise<Dispatch[]> => {
      const dispatches: Dispatch[] = [];
      for (const { mirror, count, entries } of tables) {
        const fields = fieldsAt(mirror);
        if (fields.length === 0) continue;
        const bindings = [{ buffer: memory }, { buffer: entries }, { buffer: control }];
        dispatches.push(await list(name, emitWgslGather(fields), ['write', 'read', 'read'], bindings, count));
      }
      return dispatches;
    };

    const ghostTables = tablesOf(own.flatMap((tile) => plan.tiles[tile]!.gathers.map((table) => ({ tile, table }))));
    const marginTables = tablesOf(own.flatMap((tile) => plan.tiles[tile]!.margins.map((table) => ({ tile, table }))));
    const ownTables = tablesOf(strips.flatMap(({ tile, own }) => own.map((table) => ({ tile, table }))));
    const partnerTables = tablesOf(strips.flatMap(({ tile, partner }) => partner.map((table) => ({ tile, table }))));

    const step: Dispatch[] = [];
    const phases: number[] = [];
    const { words, ownAt } = sourceWords(
      plan.tiles.map(({ sources }) => sources),
      own,
    );
    const sources = buffer('sources', words.byteLength, STORAGE, words);
    const perTile = [{ buffer: control }, { buffer: activity }, { buffer: found }, { buffer: sources }];
    const ofTiles = ['write', 'write', 'write', 'read'] as const;
    step.push(await list('judge', judge(tiles, setup.skipRest, ownAt), ofTiles, perTile, tiles));
    if (setup.skipRest) {
      const { copies, elements } = settledArrays(setup);
      const program = await compileProgram(gpu, 'settle', settle(copies, elements), ['write', 'read', 'read']);
      const x = groupsOfTile(elements);
      for (let first = 0; first < own.length; first += MOST_BLOCKS) {
        const y = Math.min(MOST_BLOCKS, own.length - first);
        const blocks = { buffer: tileBlocks, offset: first * BLOCK.words * 4, size: y * BLOCK.words * 4 };
        step.push({ program, group: bind(gpu, program, [{ buffer: memory }, blocks, { buffer: control }]), x, y });
      }
    }
    if (samples) {
      const elements = buffer('cells of samples', cells * 4, STORAGE, samples.elements.slice());
      const bindings = [{ buffer: memory }, { buffer: elements }, { buffer: series }, { buffer: control }];
      step.push(await list('sample', sample(cells), ['write', 'read', 'write', 'read'], bindings, cells));
    }
    for (const [stage, module] of stages.entries()) {
      const inStage = (name: string) => stageInput(name, stage);
      const where = `stage ${stage + 1}`;
      const derive = derives[stage];
      // What comes before the first stage waits for halos too: whether tiles have work may be others' news.
      phases.push(stage === 0 ? 0 : step.length);
      if (derive) {
        step.push(...(await gather(`margins of ${where}`, marginTables, ghostFields(setup, setup.exchanged, inStage))));
        step.push(...(await sweep(derive, tileBlocks, own.length, paramsOf(derive, stage))));
        phases.push(step.length);
      }
      const ghosts = derive
        ? ghostFields(setup, setup.derived, (name) => name)
        : ghostFields(setup, setup.exchanged, inStage);
      step.push(...(await gather(`ghosts of ${where}`, ghostTables, ghosts)));
      if (strip && strips.length > 0) {
        step.push(...(await gather(`own lines of ${where}`, ownTables, () => lineFields(setup, 'own', stage))));
        step.push(
          ...(await gather(`partners' lines of ${where}`, partnerTables, () => lineFields(setup, 'partner', stage))),
        );
        step.push(...(await sweep(strip, stripBlocks, strips.length, paramsOf(strip, stage))));
      }
      step.push(...(await sweep(module, tileBlocks, own.length, paramsOf(module, stage))));
    }
    step.push(await list('conclude', conclude(tiles), ofTiles, perTile, tiles));

    const readbackBytes = (CONTROL.duties + tiles + capacity * cells) * 4;
    const readback = buffer('what comes back', readbackBytes, MAP_READ);
    gpu.check();
    return {
      step,
      phases,
      params,
      paramBytes,
      cells,
      buffers: { memory, params: paramBuffer, control, activity, series, readback },
      bytes: made.reduce((sum, { size }) => sum + size, 0),
      close,
    };
  } catch (cause) {
    close();
    throw cause;
  }
}

/** Workgroups over the cells of a tile. Throws TooLargeForDevice beyond what one dispatch may have. */
function groupsOfTile(cells: number): number {
  const groups = Math.ceil(cells / CELL_GROUP);
  if (groups > MOST_BLOCKS)
    throw new DeviceError(
      'TooLargeForDevice',
      `a tile of ${cells} cells with its ghosts needs ${groups} workgroups, a dispatch may have ${MOST_BLOCKS} in a row. Use smaller tiles.`,
    );
  return groups;
}
