/** A browser that has shown the admin token once: a cookie that only the holder of the token can make, and which is not the token. */
import { createHmac } from 'node:crypto';
import { isOneOf } from '@vidhuk/shared';

const longestMs = 12 * 3_600_000;

const sign = (token: string, text: string): string => createHmac('sha256', token).update(text).digest('base64url');

/** Cookies of one host reach all of its ports: another instance there, with another token, has a cookie of another name. */
export const sessionCookie = (token: string): string => `vidhuk-admin-${sign(token, 'name of the cookie').slice(0, 8)}`;

/** The cookie's value. It ends after twelve hours, or when the admin token changes; nothing is kept here, so it counts at every worker. */
export function newSession(token: string, nowMs: number): string {
  const end = String(nowMs + longestMs);
  return `${end}.${sign(token, `session until ${end}`)}`;
}

export function isSession(value: string, token: string, nowMs: number): boolean {
  const [end = '', signature = '', ...more] = value.split('.');
  return more.length === 0 && isOneOf(signature, [sign(token, `session until ${end}`)]) && Number(end) > nowMs;
}
