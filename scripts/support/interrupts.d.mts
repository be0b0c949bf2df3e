/** What the tests use of it: the types of `interrupts.mjs`. */
/** Ctrl-C, SIGTERM and a closed terminal: the first asks for an orderly end, a second one, a second later or more, for an end at once. */
export function listenForInterrupts(): { stopping: AbortSignal; forced: AbortSignal };
