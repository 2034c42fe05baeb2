/** Senders who are counted each by name; all further ones are counted as one, under what is no name. */
const MOST_SENDERS = 1000;
export const FURTHER_SENDERS = '*';

/** Counts a malformed message of a sender. */
export function countMalformed(counts: Map<string, number>, sender: string): void {
  const name = counts.has(sender) || counts.size < MOST_SENDERS ? sender : FURTHER_SENDERS;
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
