import { answers } from './answers.js';
import { followUps } from './follow-ups.js';
import { growth } from './growth.js';
import { ingressSection } from './ingress.js';
import { latency } from './latency.js';
import { retention } from './retention.js';
import type { Section } from './section.js';
import { throughput } from './throughput.js';

export const sections: readonly Section[] = [throughput, ingressSection, latency, answers, growth, retention, followUps];
