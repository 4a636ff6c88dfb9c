/**
 * The name by which a client introduces itself in the first bytes that it sends: the `connection_name` among AMQP's client properties,
 * or the `application_name` of Postgres's startup message.
 * @param said everything the client has sent so far
 */
export function connectionLabel(said: Buffer): string | undefined {
  return amqpConnectionName(said) ?? postgresApplicationName(said);
}

function amqpConnectionName(said: Buffer): string | undefined {
  const key = said.indexOf('connection_name');
  if (key < 0) return undefined;
  // A field of an AMQP table: its name, 'S' for a long string, the length in four bytes, the string.
  const type = key + 'connection_name'.length;
  if (said.length < type + 5 || said[type] !== 0x53) return undefined;
  const length = said.readUInt32BE(type + 1);
  return said.length < type + 5 + length ? undefined : said.toString('utf8', type + 5, type + 5 + length);
}

function postgresApplicationName(said: Buffer): string | undefined {
  const key = said.indexOf('application_name\0');
  if (key < 0) return undefined;
  const start = key + 'application_name\0'.length;
  const end = said.indexOf(0, start);
  return end < 0 ? undefined : said.toString('utf8', start, end);
}
