import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';

export interface ReceivedWebhook {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A system of somebody else's on this machine that is told by webhook. */
export async function webhookReceiver() {
  const received: ReceivedWebhook[] = [];
  /** By path; 204 where nothing was said. */
  const answers = new Map<string, RequestListener>();
  let underWay = 0;
  const server = createServer((request, response) => {
    receiver.mostUnderWay = Math.max(receiver.mostUnderWay, (underWay += 1));
    response.on('close', () => (underWay -= 1));
    let body = '';
    request.on('data', (chunk) => (body += String(chunk)));
    request.on('end', () => {
      const path = request.url!;
      received.push({ path, headers: request.headers, body });
      (answers.get(path) ?? ((_, answer) => answer.writeHead(204).end()))(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const receiver = {
    port,
    /** Requests that were open at once, since it was last set. */
    mostUnderWay: 0,
    url: (path: string) => `http://127.0.0.1:${port}${path}`,
    at: (path: string) => received.filter((one) => one.path === path),
    answer: (path: string, listener: RequestListener) => void answers.set(path, listener),
    status: (path: string, ...statuses: number[]) =>
      void answers.set(path, (_, answer) => answer.writeHead(statuses.length > 1 ? statuses.shift()! : statuses[0]!).end()),
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return receiver;
}

/** What a receiver makes of a delivery, as it would in production. Throws when it is not from us. */
export function verified({ headers, body }: ReceivedWebhook, secret: string): unknown {
  return new Webhook(secret).verify(body, headers as Record<string, string>);
}
