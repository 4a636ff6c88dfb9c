import { Resolver } from 'node:dns/promises';

/** Finds the addresses of a name, at least one. Throws what Node's resolver throws. */
export type ResolveName = (name: string) => Promise<string[]>;

/** Waits at most about so long for a name server, in ms, and asks it so often. */
const patience = { timeout: 1_500, tries: 2 };

/**
 * Asks the name servers, and not the system: `getaddrinfo` has few threads, so one domain whose name server is silent would hold up every
 * other look-up of this process. What stands in `/etc/hosts` is therefore not known.
 */
export async function resolveName(name: string): Promise<string[]> {
  // RFC 6761: it is this machine, and no name server is asked.
  if (/(^|\.)localhost\.?$/i.test(name)) return ['127.0.0.1', '::1'];
  const resolver = new Resolver(patience);
  const [four, six] = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
  const found = [four, six].flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
  if (found.length === 0) throw four.status === 'rejected' ? four.reason : Object.assign(new Error('no address'), { code: 'ENODATA' });
  return found;
}
