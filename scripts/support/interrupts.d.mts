/** What the tests use of it: the types of `interrupts.mjs`. */
/** Ctrl-C, SIGTERM and a closed terminal: the first asks for an orderly end, a second one, a second later or more, for an end at once. The end of `parent` is like the first. */
export function listenForInterrupts(parent?: number): { stopping: AbortSignal; forced: AbortSignal };
