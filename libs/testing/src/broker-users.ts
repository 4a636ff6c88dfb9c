import { randomBytes } from 'node:crypto';
import { brokerDefinitions, topology, type Topology } from '#libs/contracts';
import { managementRequest } from './management-api.js';

/** What a service is told of a broker on which it has a user of its own. */
export interface BrokerEnvironment {
  readonly RABBITMQ_URL: string;
  readonly RABBITMQ_DEPLOY_URL: string;
}

/**
 * Gives a vhost a user for each service, who may do no more there than the topology says, and one to deploy.
 * @param vhost.url of an administrator, with the name of the vhost
 */
export async function giveUsers(
  vhost: { readonly url: string; readonly managementUrl: string },
  map: Topology = topology,
): Promise<{ environmentOf(service: string): BrokerEnvironment; drop(): Promise<void> }> {
  const name = decodeURIComponent(new URL(vhost.url).pathname.slice(1)) || '/';
  // The same names each time, so that a broker that is kept has no more users after the tenth start than after the first.
  const login = (user: string) => ({ name: `${name}.${user}`, password: randomBytes(12).toString('hex') });
  const logins = Object.fromEntries([...Object.keys(map.services), 'deploy'].map((user) => [user, login(user)]));
  await managementRequest(vhost.managementUrl, 'POST', '/api/definitions', brokerDefinitions(map, name, logins));
  const addressOf = (user: string): string => {
    const found = logins[user];
    if (!found) throw new Error(`the topology has no service ${user}`);
    return Object.assign(new URL(vhost.url), { username: found.name, password: found.password }).href;
  };
  return {
    environmentOf: (service) => ({ RABBITMQ_URL: addressOf(service), RABBITMQ_DEPLOY_URL: addressOf('deploy') }),
    drop: async () => {
      const users = Object.values(logins).map(({ name: user }) => user);
      await managementRequest(vhost.managementUrl, 'POST', '/api/users/bulk-delete', { users });
    },
  };
}
