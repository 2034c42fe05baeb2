import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nkeys } from 'nats';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addUser, createAuthority, renewCertificate, revokeUser } from '../../../workers/credentials/authority.ts';
import { type Claims, readClaims } from '../../../workers/credentials/claims.ts';
import { userOfFile } from '../../../workers/credentials/credentials-file.ts';

const place = mkdtempSync(join(tmpdir(), 'terrella-authority-'));
const keys = join(place, 'keys');
const settings = { nodes: ['alice'], scientists: ['carol'], hosts: ['broker.example.org', '10.0.0.7'], port: 4222 };
const textOf = (file: string) => readFileSync(join(keys, file), 'utf8');
beforeAll(() => createAuthority(keys, settings));
afterAll(() => rmSync(place, { recursive: true, force: true }));

describe('an authority', () => {
  test('keeps its files for its owner alone, but for its certificate', () => {
    expect(statSync(keys).mode & 0o777).toBe(0o700);
    const entries = readdirSync(keys, { recursive: true, withFileTypes: true });
    expect(entries.length).toBeGreaterThan(20);
    for (const entry of entries) {
      const wanted = entry.isDirectory() ? 0o700 : entry.name === 'ca.pem' ? 0o644 : 0o600;
      expect(statSync(join(entry.parentPath, entry.name)).mode & 0o777, entry.name).toBe(wanted);
    }
  });

  test('is never written over, and leaves nothing behind where it cannot be made', async () => {
    const before = textOf('secrets/operator.nk');
    await expect(createAuthority(keys, settings)).rejects.toMatchObject({ tag: 'DirectoryExists' });
    const twice = { ...settings, scientists: ['alice'] };
    await expect(createAuthority(join(place, 'other'), twice)).rejects.toThrow(/^NameTaken: there are two users alice/);
    for (const name of ['system', 'admin', 'coordinator'])
      await expect(createAuthority(join(place, 'other'), { ...settings, nodes: [name] })).rejects.toMatchObject({
        tag: 'NameTaken',
      });
    expect(textOf('secrets/operator.nk')).toBe(before);
    expect(readdirSync(place)).toEqual(['keys']);
  });

  test('signs every token with the key of its account, and accounts with the operator’s', () => {
    const signed = (token: string): Claims => {
      const [head, body, signature] = token.trim().split('.');
      const claims = readClaims(token)!;
      const text = new TextEncoder().encode(`${head}.${body}`);
      expect(nkeys.fromPublic(claims.iss).verify(text, Buffer.from(signature!, 'base64url'))).toBe(true);
      expect(nkeys.fromPublic(claims.iss).verify(text.slice(1), Buffer.from(signature!, 'base64url'))).toBe(false);
      return claims;
    };
    const operator = signed(textOf('broker/operator.jwt'));
    expect(operator.iss).toBe(operator.sub);
    const accounts = readdirSync(join(keys, 'broker/accounts')).map((file) =>
      signed(textOf(`broker/accounts/${file}`)),
    );
    expect(accounts.map(({ name }) => name).sort()).toEqual(['runs', 'system']);
    for (const { iss } of accounts) expect(iss).toBe(operator.sub);
    const accountOf = (name: string) => accounts.find((account) => account.name === name)!.sub;
    for (const name of ['alice', 'carol', 'admin', 'coordinator', 'system']) {
      const user = signed(textOf(`users/${name}.jwt`));
      expect([user.name, user.iss]).toEqual([name, accountOf(name === 'system' ? 'system' : 'runs')]);
    }
  });

  test('lets its credentials say whom they are of', async () => {
    const users = ['alice', 'carol', 'admin', 'coordinator', 'system'];
    const roles = await Promise.all(users.map((name) => userOfFile(join(keys, 'creds', `${name}.creds`))));
    expect(roles.map((user) => user?.role)).toEqual(['node', 'scientist', 'admin', 'coordinator', 'system']);
    expect(await userOfFile(join(keys, 'ca.pem'))).toBeUndefined();
    expect(await userOfFile(join(keys, 'none.creds'))).toBeUndefined();
  });

  test('takes a user more, and no name twice', async () => {
    const file = await addUser(keys, { name: 'dave', role: 'node' });
    expect(await userOfFile(file)).toEqual({ name: 'dave', role: 'node' });
    await expect(addUser(keys, { name: 'dave', role: 'admin' })).rejects.toMatchObject({ tag: 'NameTaken' });
    await expect(addUser(place, { name: 'erin', role: 'node' })).rejects.toMatchObject({ tag: 'AuthorityMissing' });
  });

  test('revokes whom it knows, keeps who was revoked before, and forgets nobody whom a push did not reach', async () => {
    const pushed: string[] = [];
    const push = { lookup: async () => pushed.at(-1), update: async (token: string) => void pushed.push(token) };
    await addUser(keys, { name: 'erin', role: 'node' });
    const keyOf = (name: string) => readClaims(textOf(`users/${name}.jwt`))!.sub;
    const [dave, erin] = [keyOf('dave'), keyOf('erin')];
    const fails = { ...push, update: () => Promise.reject(new Error('no broker')) };
    await expect(revokeUser(keys, 'erin', fails)).rejects.toThrow('no broker');
    expect(await revokeUser(keys, 'dave', push)).toEqual({ name: 'dave', role: 'node' });
    expect(await revokeUser(keys, 'erin', push)).toEqual({ name: 'erin', role: 'node' });
    const revoked = (token: string) => Object.keys(readClaims(token)!.nats.revocations as object).sort();
    expect(pushed.map(revoked)).toEqual([[dave], [dave, erin].sort()]);
    expect(textOf('secrets/runs.jwt')).toBe(pushed[1]);
    for (const name of ['erin', 'nobody', 'system'])
      await expect(revokeUser(keys, name, push)).rejects.toMatchObject({ tag: 'UserUnknown' });
    expect(pushed.length).toBe(2);
  });
});

describe('the broker’s certificate', () => {
  const read = (file: string) => new X509Certificate(textOf(file));
  const check = (hosts: readonly string[]) => {
    const [authority, server] = [read('ca.pem'), read('broker/tls/server.pem')];
    expect([authority.ca, server.ca]).toEqual([true, false]);
    expect(server.checkIssued(authority) && server.verify(authority.publicKey)).toBe(true);
    expect(server.checkPrivateKey(createPrivateKey(textOf('broker/tls/server-key.pem')))).toBe(true);
    for (const host of hosts)
      expect(/^[\d.:]+$/.test(host) ? server.checkIP(host) : server.checkHost(host), host).toBe(host);
    expect(server.checkHost('elsewhere.example.org')).toBeUndefined();
    return server;
  };

  test('is of the authority, for the names that were given and the loopback’s', () => {
    check(['broker.example.org', '10.0.0.7', 'localhost', '127.0.0.1']);
  });

  test('is renewed for as many names, and more', async () => {
    const before = check([]).serialNumber;
    await renewCertificate(keys, ['broker-2.example.org']);
    expect(check(['broker.example.org', '10.0.0.7', 'broker-2.example.org']).serialNumber).not.toBe(before);
  });
});
