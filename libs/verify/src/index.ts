export { type Check, type CheckResult } from './check.js';
export { checks } from './checks/checks.js';
export { type LegalMove, type System } from './system.js';
export { Unreachable } from './unreachable.js';
export { verify, verifyEventually, violationsIn, type VerifyOptions } from './verify.js';
