/** The vendor's own payloads. */
import { readFileSync } from 'node:fs';
import { elementTexts } from '../../packages/worker/src/activity/element-texts.js';

const read = (name: string): string => readFileSync(new URL(`../samples/${name}.json`, import.meta.url), 'utf8');

export const sampleBodies: readonly string[] = ['bulk', 'triggered'].map(read);
/** Each activity of them, as text. */
export const sampleElements: readonly string[] = sampleBodies.flatMap(elementTexts);
