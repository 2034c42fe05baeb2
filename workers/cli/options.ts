import { type Command, InvalidArgumentError, Option } from 'commander';
import { nearest } from '../../scenarios/problems.ts';
import { parseQuantity } from '../../scenarios/units.ts';
import type { GeographicWindow } from '../plot/projections.ts';
import { isName } from '../protocol/cluster-subjects.ts';
import type { NodePlace } from '../protocol/metering.ts';
import { ASKED_BACKENDS, BACKENDS, FORMS, RESULT_CLASSES } from '../run/form.ts';

/** As `workers/gateway/gateway.ts` has it, which `--help` need not load. */
const DEFAULT_PORT = 8137;

/** Where nats-server listens unless told otherwise. */
const DEFAULT_SERVER = 'nats://127.0.0.1:4222';

/** Reads `8`; refuses what is no whole number within bounds. */
export const wholeNumber = (least: number, most: number) => (text: string) => {
  const value = Number(text);
  if (text.trim() !== '' && Number.isInteger(value) && value >= least && value <= most) return value;
  throw new InvalidArgumentError(`${text} is no whole number from ${least} to ${most}.`);
};

export const multipleOf = (unit: number) => (text: string) => {
  const value = Number(text);
  if (text.trim() !== '' && Number.isInteger(value / unit) && value > 0 && value <= 21600) return value;
  throw new InvalidArgumentError(`${text} is no multiple of ${unit}.`);
};

/** A path; refuses none, which would be the working directory. */
export function path(text: string): string {
  if (text.trim() !== '') return text;
  throw new InvalidArgumentError('The path is empty; give one, or . for the working directory.');
}

export const collect = (value: string, previous: readonly string[]): readonly string[] => [...previous, value];

/** One of some words, several times over: `--what a --what b`, or `--what a,b`. */
export const collectWords =
  <W extends string>(words: readonly W[]) =>
  (text: string, previous: readonly W[] = []): readonly W[] => {
    const found = text.split(',').map((word) => {
      const trimmed = word.trim();
      if (words.includes(trimmed as W)) return trimmed as W;
      const near = nearest(trimmed, words);
      throw new InvalidArgumentError(
        `${near ? `Did you mean ${near}? ` : ''}"${trimmed}" is none of ${words.join(', ')}.`,
      );
    });
    return [...previous, ...found];
  };

/** Durations, several times over: `--time "2 h"`. In seconds. */
export function collectTimes(text: string, previous: readonly number[] = []): readonly number[] {
  const parsed = parseQuantity(text, 'time');
  if (parsed.ok && parsed.value >= 0) return [...previous, parsed.value];
  throw new InvalidArgumentError(
    parsed.ok ? `${text} is before the start; give a time after it.` : `${parsed.message}; ${parsed.cure}.`,
  );
}

export function longitude(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= -360 && value <= 360) return value;
  throw new InvalidArgumentError(`${text} is no longitude; give degrees from −180 to 360, such as 200.`);
}

/** `13.4,52.5`: longitude and latitude of a place. */
export function place(text: string): NodePlace {
  const [east, north, ...rest] = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  if (Math.abs(east!) <= 180 && Math.abs(north!) <= 90 && rest.length === 0)
    return { longitude: east!, latitude: north! };
  throw new InvalidArgumentError(
    `${text} is no place; give longitude (−180 to 180) and latitude (−90 to 90) in degrees, such as 13.4,52.5.`,
  );
}

/** `120,160,20,50`: west, east, south, north. */
export function region(text: string): GeographicWindow {
  const parts = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  const [west, east, south, north] = parts as [number, number, number, number];
  const turned = east > west ? east : east + 360;
  if (
    parts.length === 4 &&
    turned - west <= 360 &&
    south < north &&
    south >= -90 &&
    north <= 90 &&
    Math.abs(west) <= 360
  )
    return { west, east: turned, south, north };
  throw new InvalidArgumentError(
    `${text} is no part of the globe; give west, east, south and north in degrees, such as 120,160,20,50.`,
  );
}

/** `0.01,2` */
export function limits(text: string): readonly [number, number] {
  const [low, high, ...rest] = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  if (rest.length === 0 && low !== undefined && high !== undefined && low < high && Number.isFinite(high - low))
    return [low, high];
  throw new InvalidArgumentError(`${text} is no range; give two rising numbers, such as 0.01,2.`);
}

export const withJson = (command: Command): Command =>
  command.option('--json', 'JSON lines on standard output, text for people on standard error', false);

export const withSet = (command: Command): Command =>
  command
    .option(
      '--set <key=value>',
      'change a key of the scenario, as grid.cells=270; may be repeated',
      collect,
      [] as readonly string[],
    )
    .option('--small', 'take the scenario’s small version, made for tests', false);

export const withThreads = (command: Command): Command =>
  command.option('--threads <n>', 'compute threads (default: one for each core, at most 8)', wholeNumber(1, 1024));

/** For commands of a cluster: where its broker is, and who this is. */
export const withLink = (command: Command): Command =>
  command
    .option('--nats <url>', 'of the cluster’s NATS server', DEFAULT_SERVER)
    .option('--creds <file>', 'credentials (default: TERRELLA_NATS_CREDS)', path)
    .option('--nkey <file>', 'seed of a key (default: TERRELLA_NATS_NKEY)', path)
    .option('--ca <file>', 'certificate of the server’s authority', path);

/** For runs that a cluster may compute. */
export const withCluster = (command: Command): Command =>
  command
    .option('--nats <url>', 'of the NATS server of a cluster, which then computes the run')
    .option('--creds <file>', 'credentials for it (default: TERRELLA_NATS_CREDS)', path)
    .option('--nkey <file>', 'seed of a key for it (default: TERRELLA_NATS_NKEY)', path)
    .option('--ca <file>', 'certificate of its server’s authority', path);

/** A word of letters, digits, - and _: what a node, a run or an owner may be called. */
export const subjectName = (text: string): string => {
  if (isName(text)) return text;
  throw new InvalidArgumentError(`${text} is no name; use letters, digits, - and _, 64 at most.`);
};

/** Several of them: `alice,bob`. */
export const subjectNames = (text: string, previous: readonly string[] = []): readonly string[] => [
  ...previous,
  ...text.split(',').map((name) => subjectName(name.trim())),
];

/** For commands that viewers look through: where the gateway listens, and who may connect. */
export const withGateway = (command: Command): Command =>
  command
    .option('--port <n>', 'of the viewer; the next free one where it is taken', wholeNumber(0, 65535), DEFAULT_PORT)
    .option('--host <name>', 'address to listen on; the world can look where it is no loopback', '127.0.0.1')
    .option('--allow-origin <origin>', 'a page elsewhere that may connect', collect, [] as readonly string[])
    .option(
      '--token-file <file>',
      'file with the token that control needs (default: TERRELLA_TOKEN, or a new one)',
      path,
    );

/** For a gateway to a cluster. */
export const withPages = (command: Command): Command =>
  command
    .option(
      '--pages <n>',
      'let so many pages that look at it compute shares of the cluster’s runs (default: none)',
      wholeNumber(0, 1000),
    )
    .option(
      '--page-creds <file>',
      'a node’s credentials for one such page; may be repeated',
      (file: string, all: readonly string[] = []) => [...all, path(file)],
    );

const withBackend = (command: Command): Command =>
  command.addOption(
    new Option('--backend <form>', 'how kernels run; all give the same bits').choices(FORMS).default('wasm'),
  );

const withSkip = (command: Command): Command =>
  command.option('--no-skip', 'compute tiles at rest too; slower, the same bits');

/** How a run is computed, which changes no bit of it. */
export const withLayout = (command: Command): Command => withSkip(withBackend(withThreads(command)));

const ON_DEVICES = 'webgpu: a graphics device, within a tolerance; wasm, js and reference give the same bits';

/** The same for runs that a graphics device may compute too, to bits of its own. */
export const withDeviceLayout = (command: Command): Command =>
  withSkip(
    withThreads(command).addOption(
      new Option('--backend <name>', `${ON_DEVICES}; auto: the fastest here, measured`)
        .choices(ASKED_BACKENDS)
        .default('wasm'),
    ),
  );

/** For nodes: what theirs computes on. */
export const withNodeBackend = (command: Command): Command =>
  command.addOption(
    new Option('--backend <name>', `${ON_DEVICES}, so it serves runs of class tolerance alone`)
      .choices(BACKENDS)
      .default('wasm'),
  );

/** For runs that a cluster computes. */
export const withClass = (command: Command): Command =>
  command.addOption(
    new Option(
      '--class <class>',
      'of a run on a cluster: bitwise, on processors alone (the default), or tolerance, on graphics devices too',
    ).choices(RESULT_CLASSES),
  );

/** For a run that was begun: on what it was begun on, unless told. */
export const withBegunLayout = (command: Command): Command =>
  withSkip(
    withThreads(command).addOption(
      new Option('--backend <name>', `${ON_DEVICES} (default: the device it was begun on, or wasm)`).choices(BACKENDS),
    ),
  );

/** For commands on a run that is there: only its tiles may be others. */
export const withTileSetting = (command: Command): Command =>
  command.option(
    '--set <grid.tile=n>',
    'cut the run into other tiles; nothing else of it can change',
    collect,
    [] as readonly string[],
  );

export const withForce = (command: Command, what: string): Command => command.option('--force', what, false);

export const examples = (command: Command, lines: readonly (readonly [string, string])[]): Command => {
  const width = Math.max(...lines.map(([line]) => line.length));
  const text = lines.map(([line, meaning]) => `  terrella ${line.padEnd(width)}  ${meaning}`.trimEnd()).join('\n');
  return command.addHelpText('after', `\nExamples:\n${text}`);
};
