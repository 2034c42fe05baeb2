import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { arch, cpus, platform, release, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { once } from '../../engine/grid/once.ts';
import type { BackendChoice } from '../gpu/choose-backend.ts';
import type { ResultClass } from '../run/form.ts';

/** Which engine made a result. `commit` is null where the engine does not lie in its git repository. */
export interface EngineIdentity {
  readonly version: string;
  readonly commit: string | null;
  /** Whether tracked files differed from the commit; null without one. */
  readonly modified: boolean | null;
}

export interface HostFacts {
  readonly processor: string;
  readonly cores: number;
  readonly memoryMiB: number;
  readonly platform: string;
  readonly node: string;
}

export interface InputHash {
  readonly name: string;
  /** Hexadecimal. */
  readonly sha256: string;
}

/** Where a result comes from: all that is needed to make it again, and to check it. Written into every store. */
export interface Provenance {
  readonly engine: EngineIdentity;
  readonly scenario: {
    readonly name: string;
    /** SHA-256 of the resolved scenario's canonical JSON. */
    readonly identity: string;
    readonly resolved: unknown;
  };
  /** SHA-256 of the compiled kernels. */
  readonly kernelHash: string;
  readonly gridFingerprint: string;
  readonly inputs: readonly InputHash[];
  readonly backend: string;
  /** Of a run begun with --backend auto: what was measured, and why this one was taken. */
  readonly backendChoice?: BackendChoice;
  readonly precision: 'float32' | 'float64';
  readonly class: ResultClass;
  /** The chain's newest link and the state and step it was made from; null before the first. */
  readonly stateHashChain: { readonly step: number; readonly state: string; readonly chain: string } | null;
  readonly threads: number;
  readonly nodes: number;
  readonly host: HostFacts;
  readonly startedAt: string;
  /** null while the run goes on, or was cut off. */
  readonly finishedAt: string | null;
  readonly wallSeconds: number | null;
}

/** Key of the provenance as a file of its own, beside the copy in the root's attributes. */
export const provenanceKey = 'provenance.json';

/** The directory of the engine's package.json, found from this file upwards. */
export function packageRoot(): string {
  let directory = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const candidate = join(directory, 'package.json');
    if (
      existsSync(candidate) &&
      (JSON.parse(readFileSync(candidate, 'utf8')) as { name?: string }).name === 'terrella'
    ) {
      return directory;
    }
    const parent = dirname(directory);
    if (parent === directory)
      throw new Error('The package.json of terrella is not above its own files. Install it again.');
    directory = parent;
  }
}

/** That of the code that runs: asked once, since git takes its time, and as it was when the program began. */
const ownIdentity = once(() => identityAt(packageRoot()));

/** Version and commit of the engine at `root`. A repository that merely surrounds it is not its own, and not asked. */
export const engineIdentity = (root?: string): EngineIdentity =>
  root === undefined ? ownIdentity() : identityAt(root);

function identityAt(root: string): EngineIdentity {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  if (!existsSync(join(root, '.git'))) return { version, commit: null, modified: null };
  const git = (...words: string[]): string =>
    execFileSync('git', ['-C', root, ...words], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    const commit = git('rev-parse', 'HEAD');
    return { version, commit, modified: git('status', '--porcelain', '--untracked-files=no') !== '' };
  } catch {
    // No git on this machine, or no commit yet: unknown is the honest answer.
    return { version, commit: null, modified: null };
  }
}

export function hostFacts(): HostFacts {
  const processors = cpus();
  return {
    processor: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memoryMiB: Math.round(totalmem() / 2 ** 20),
    platform: `${platform()} ${arch()} ${release()}`,
    node: process.version,
  };
}
