import { Logger } from '@nestjs/common';
import type { RmqContext } from '@nestjs/microservices';

const logger = new Logger('Consumer');

/** Runs a handler and acknowledges its message whatever came of it: the usual mistake, by which a failed message is logged and lost. */
export async function handleAndAck(context: RmqContext, handle: () => Promise<void>): Promise<void> {
  try {
    await handle();
  } catch (error) {
    logger.error(`${context.getPattern()} failed`, error);
  } finally {
    context.getChannelRef().ack(context.getMessage());
  }
}
