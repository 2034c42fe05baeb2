import { createHash } from 'node:crypto';
import { nkeys } from 'nats';

/** A pair of ed25519 keys as NATS writes them: the first letter says whose, `O` operator, `A` account, `U` user. */
export interface KeyPair {
  getPublicKey(): string;
  getSeed(): Uint8Array;
  sign(bytes: Uint8Array): Uint8Array;
}

export const newOperatorKey = (): KeyPair => nkeys.createOperator();
export const newAccountKey = (): KeyPair => nkeys.createAccount();
export const newUserKey = (): KeyPair => nkeys.createUser();
export const keyOfSeed = (seed: string): KeyPair => nkeys.fromSeed(new TextEncoder().encode(seed.trim()));
export const seedOf = (key: KeyPair): string => new TextDecoder().decode(key.getSeed());

/** What a token says; `nats` is of the kind's own form. */
export interface Claims {
  readonly name: string;
  /** Public key of whom it speaks of, and of who signed it. */
  readonly sub: string;
  readonly iss: string;
  /** When it was signed [s since 1970]. */
  readonly iat: number;
  readonly nats: Readonly<Record<string, unknown>>;
}

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/**
 * A token as the NATS server reads it: JWT (RFC 7519) with the algorithm `ed25519-nkey`, claims of version 2; see
 * docs.nats.io, "JWT", and github.com/nats-io/jwt. `now` in milliseconds.
 */
export function signClaims(
  signer: KeyPair,
  { name, sub, nats }: Pick<Claims, 'name' | 'sub' | 'nats'>,
  now = Date.now(),
): string {
  const claims = { name, sub, iss: signer.getPublicKey(), iat: Math.floor(now / 1000), nats: { ...nats, version: 2 } };
  const jti = createHash('sha256').update(JSON.stringify(claims)).digest('base64url');
  const signed = `${part({ typ: 'JWT', alg: 'ed25519-nkey' })}.${part({ ...claims, jti })}`;
  return `${signed}.${Buffer.from(signer.sign(new TextEncoder().encode(signed))).toString('base64url')}`;
}

/** What a token says, unchecked: the server alone judges signatures. Undefined where it is none. */
export function readClaims(token: string): Claims | undefined {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.trim().split('.')[1] ?? '', 'base64url').toString());
    const { name, sub, nats } = claims as Partial<Claims>;
    const isRight = typeof name === 'string' && typeof sub === 'string' && typeof nats === 'object' && nats !== null;
    return isRight ? (claims as Claims) : undefined;
  } catch {
    return undefined;
  }
}
