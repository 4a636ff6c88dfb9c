/**
 * A dead letter may be replayed for so long after its message was said, in days. Every queue it could go to knows for longer than that what
 * it has handled: see {@link shortestInboxDays}.
 */
export const replayableDays = 30;

/**
 * An inbox keeps what it has handled at least so long, in days. A message is handled after it was said, and replayed at the latest
 * {@link replayableDays} after that; what is left is for the way of the replay: an outage of the broker, the delay service and the retries.
 */
export const shortestInboxDays = replayableDays + 14;
