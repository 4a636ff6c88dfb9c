/**
 * One call of RabbitMQ's management HTTP API.
 * @param managementUrl with its credentials
 * @param path below the address, for example `/api/overview`
 * @returns the decoded answer; undefined when it has no body
 * @throws on any status that is not 2xx, saying what the broker said
 */
export async function managementRequest(managementUrl: string, method: string, path: string, body?: object): Promise<unknown> {
  const address = new URL(managementUrl);
  const credentials = `${decodeURIComponent(address.username)}:${decodeURIComponent(address.password)}`;
  const response = await fetch(`${address.origin}${path}`, {
    method,
    headers: {
      authorization: `Basic ${Buffer.from(credentials).toString('base64')}`,
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(30_000),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`RabbitMQ's management API answered ${response.status} to ${method} ${path}: ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}
