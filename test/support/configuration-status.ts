/** What an ingress or an admin server of a test says of its configuration, which came from no file. */
import type { ConfigurationStatus } from '../../packages/shared/src/index.js';

export const statusOfTests = (): ConfigurationStatus => ({
  file: '/vidhuk.yaml',
  fingerprint: '000000000000-000000000000',
  loadedAt: '2026-01-01T00:00:00.000Z',
  readAt: '2026-01-01T00:00:00.000Z',
  taken: [],
  waitsForRestart: [],
  problem: null,
});
