import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { engineIdentity, hostFacts, packageRoot } from '../../../workers/store/provenance.ts';
import { tier } from '../../tiers.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'terrella-engine-'));
  writeFileSync(join(root, 'package.json'), JSON.stringify({ name: 'terrella', version: '1.2.3' }));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test('the engine knows its own package and version', () => {
  const { name, version } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8'));
  expect(name).toBe('terrella');
  expect(engineIdentity().version).toBe(version);
});

test('an engine outside its repository has no commit, rather than a made-up one', () => {
  expect(engineIdentity(root)).toEqual({ version: '1.2.3', commit: null, modified: null });
});

tier(
  'git',
  () => spawnSync('git', ['--version']).status === 0,
  'apt-get install git',
)('an engine in its repository', () => {
  test('has its commit, and says whether it was changed since', () => {
    const git = (...words: string[]): string => {
      const settings = ['-c', 'user.name=t', '-c', 'user.email=t@example.org', '-c', 'commit.gpgsign=false'];
      return spawnSync('git', ['-C', root, ...settings, ...words], { encoding: 'utf8' }).stdout.trim();
    };
    git('init');
    expect(engineIdentity(root).commit).toBeNull();
    git('add', '.');
    git('commit', '--no-verify', '-m', 'one');
    const commit = git('rev-parse', 'HEAD');
    expect(commit).toMatch(/^[0-9a-f]{40}$/);
    expect(engineIdentity(root)).toEqual({ version: '1.2.3', commit, modified: false });
    writeFileSync(join(root, 'package.json'), JSON.stringify({ name: 'terrella', version: '1.2.4' }));
    expect(engineIdentity(root)).toEqual({ version: '1.2.4', commit, modified: true });
  });
});

test('the host’s facts are those of this machine', () => {
  const facts = hostFacts();
  expect(facts.node).toBe(process.version);
  expect(facts.cores).toBeGreaterThan(0);
  expect(facts.platform).toContain(process.platform);
});
