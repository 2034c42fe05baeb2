import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** 128 random bits, for a URL. */
export const newToken = (): string => randomBytes(16).toString('base64url');

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Whether two tokens are equal, in a time that says nothing about where they differ. */
export const sameToken = (given: unknown, token: string): boolean =>
  typeof given === 'string' && timingSafeEqual(digest(given), digest(token));
