import { TransportError } from './errors.ts';

const WORD = String.raw`[^\s.*>]+`;
const SUBJECT = new RegExp(`^${WORD}(\\.${WORD})*$`);
const PATTERN = new RegExp(`^(>|(${WORD}|\\*)(\\.(${WORD}|\\*))*(\\.>)?)$`);

/** Whether messages can be sent there. */
export const isSubject = (text: string): boolean => SUBJECT.test(text);

/** Throws BadSubject unless messages can be sent there. The NATS client sends anything, a line break in it too. */
export function checkSubject(subject: string): void {
  if (!isSubject(subject)) {
    throw new TransportError(
      'BadSubject',
      `"${subject}" is no subject. Use words joined by dots, without spaces, * and >.`,
    );
  }
}

/** Throws BadSubject unless it can be subscribed to. */
export function checkPattern(pattern: string): void {
  if (!PATTERN.test(pattern)) {
    throw new TransportError(
      'BadSubject',
      `"${pattern}" is no pattern of subjects. Use words joined by dots; * stands for a whole word, > for all that follow, at the end.`,
    );
  }
}

/** Whether it stands for more than one subject. */
export const isWild = (pattern: string): boolean => /[*>]/.test(pattern);

/** Whether the pattern stands for the subject. */
export function matches(pattern: string, subject: string): boolean {
  const wanted = pattern.split('.');
  const words = subject.split('.');
  for (let k = 0; k < wanted.length; k++) {
    if (wanted[k] === '>') return words.length > k;
    if (k >= words.length || (wanted[k] !== '*' && wanted[k] !== words[k])) return false;
  }
  return words.length === wanted.length;
}

/** Throws InvalidKey unless a ledger of NATS takes the key. */
export function checkLedgerKey(key: string): void {
  if (!/^[-/=\w]+(\.[-/=\w]+)*$/.test(key)) {
    throw new TransportError(
      'InvalidKey',
      `"${key}" is no key of a ledger. Use letters, digits and -_/=, with single dots between.`,
    );
  }
}
