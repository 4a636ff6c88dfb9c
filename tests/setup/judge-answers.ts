import { afterAll, afterEach } from 'vitest';
import { failOnFaults, forgetOrigins, judgedFetch } from './answer-judge.js';

/** Every answer that a spec gets from a service has to be as the service's OpenAPI document says. */
globalThis.fetch = judgedFetch;
forgetOrigins();
afterEach(failOnFaults);
afterAll(failOnFaults);
