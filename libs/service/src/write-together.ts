import type { Socket } from 'node:net';

/**
 * What is written to a socket in one turn of the event loop leaves in one system call. amqplib makes one for each message and each
 * acknowledgement, and pg one for each statement.
 */
export function writeTogether(socket: Socket): void {
  const write = socket.write.bind(socket) as (...chunk: unknown[]) => boolean;
  let isHeld = false;
  socket.write = (...chunk: unknown[]) => {
    if (!isHeld) {
      isHeld = true;
      socket.cork();
      process.nextTick(() => {
        isHeld = false;
        socket.uncork();
      });
    }
    return write(...chunk);
  };
}
