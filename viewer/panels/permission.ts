import { connection, isHere, token } from '../state.ts';

/** Why this visitor cannot start or change runs; undefined where they can. */
export function whyNotAllowed(): string | undefined {
  if (isHere.value) return undefined;
  switch (connection.value.phase) {
    case 'site':
      return 'This page shows finished runs from files; nothing is computed behind it. Start Terrella on a computer of your own to run things.';
    case 'open':
      return token.value === undefined
        ? 'Your link is for looking. Whoever started Terrella has a second link that may also start and stop runs.'
        : undefined;
    case 'connecting':
    case 'lost':
    case 'refused':
      return 'There is no connection to the computation now.';
  }
}
