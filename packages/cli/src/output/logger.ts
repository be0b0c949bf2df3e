/** What a command logs is no result: it goes beside what it prints, so that `--json` stays JSON. */
import { createLogger, type Logger } from '@vidhuk/shared';

export const openLogger = (level: 'info' | 'warn' | 'error'): Logger => createLogger('cli', level, process.stderr);
