export { Answer, answer } from './answer.js';
export { answerEachOnce, answerOnce, findAnswer } from './answer-once.js';
export {
  ACCESS,
  CallerParam,
  ForCallers,
  ForCustomers,
  ForOperators,
  Public,
  scopeOf,
  seesCustomer,
  type Access,
  type Caller,
  type Customer,
  type Operator,
} from './caller.js';
export { Callers, type CallersConfig } from './callers.js';
export { cardNumberWithin } from './card-number.js';
export { CursorPages, Page, PageQuery, type Listing, type Position } from './cursor-page.js';
export { databaseCodeOf, databaseIsAway } from './database-errors.js';
export { Deprecated } from './deprecated.js';
export { entityTag, meetsIfMatch, meetsIfNoneMatch, notModified } from './entity-tag.js';
export { EventStream, type StreamReply } from './event-stream.js';
export { fieldErrors } from './field-errors.js';
export { httpSurface, type HttpSurface } from './http-surface.js';
export { Idempotent, IdempotencyParam, type IdempotentRequest } from './idempotency-key.js';
export { httpMigrations, idempotencyKeysKept } from './idempotency-key-store.js';
export { IdParam } from './id-param.js';
export { problem, Problem, problems, type FieldError, type ProblemSlug } from './problem-details.js';
export { RawBody } from './raw-body.js';
export { Refusals } from './refusals.js';
export { InstantView, MoneyView } from './views.js';
export { ProblemFilter } from './problem-filter.js';
