import { ClientProxyFactory, Transport } from '@nestjs/microservices';
import { firstValueFrom, timeout } from 'rxjs';

/** Asks a service a query as somebody does who knows nothing of ours: with the client that Nest brings. Throws when it takes over 5 s. */
export async function askService(rabbitmqUrl: string, pattern: string, question: object): Promise<unknown> {
  const options = { urls: [rabbitmqUrl], queue: pattern, noAssert: true };
  const client = ClientProxyFactory.create({ transport: Transport.RMQ, options });
  try {
    return await firstValueFrom(client.send<unknown>(pattern, question).pipe(timeout(5_000)));
  } finally {
    await client.close();
  }
}
