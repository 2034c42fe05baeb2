import { connectNats } from '../transport/nats.ts';
import type { AccountPush, BrokerAccess } from './authority.ts';
import { CredentialsError } from './errors.ts';
import { ACCOUNT_UPDATE, accountLookup, inboxOf } from './permissions.ts';

const ANSWER = 5000;

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** Throws PushRefused unless the server says that it has taken the token. */
function checkTaken(answer: string): void {
  let said: { readonly data?: { readonly code?: number }; readonly error?: { readonly description?: string } } = {};
  try {
    said = JSON.parse(answer);
  } catch {
    // Said below.
  }
  if (said.data?.code === 200) return;
  throw new CredentialsError(
    'PushRefused',
    `the broker did not take the account (${said.error?.description ?? answer.slice(0, 200)}). Start it with the configuration that \`terrella cluster init\` made beside these keys.`,
  );
}

/** A connection to the broker as its system's user. Throws what `connectNats` does; its pushes throw PushRefused. */
export async function connectSystem({
  url,
  authorityFile,
  credentialsFile,
}: BrokerAccess): Promise<AccountPush & { close(): Promise<void> }> {
  const { transport, close } = await connectNats({
    servers: url,
    name: 'system',
    credentials: { credsFile: credentialsFile },
    tls: { caFile: authorityFile },
    inboxPrefix: inboxOf('system'),
  });
  const ask = (subject: string, body = ''): Promise<string> =>
    transport.request(subject, new TextEncoder().encode(body), ANSWER).then(text);
  return {
    lookup: async (account) => (await ask(accountLookup(account))) || undefined,
    update: async (token) => checkTaken(await ask(ACCOUNT_UPDATE, token)),
    close,
  };
}
