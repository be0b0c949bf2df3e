import type { HttpClient } from './http-client.js';
export function createGuardedHttp(): HttpClient & { close(): Promise<void> } {
  return { request: () => Promise.reject(new Error('no')), close: () => Promise.resolve() };
}
