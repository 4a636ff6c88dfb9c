/** Why a service cannot start, in words for whoever runs it, and the exit code that tells supervisors the kind (sysexits.h). */
export class StartFailure extends Error {
  override readonly name = 'StartFailure';

  constructor(
    message: string,
    /** 69: something it needs is not available. 78: it is configured wrongly. */
    readonly exitCode: 69 | 78,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
