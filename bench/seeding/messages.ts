import { envelopeToHeaders, type DataOf, type MessageType } from '#libs/contracts';

/**
 * The statement that leaves a message in the order service's outbox for each row of a relation, as a transaction of the service would.
 * @param data of the message; its `orderId` becomes that of the row
 * @param rows SQL that selects `order_id`, the message's `id`, and `due_at`, which is null when it is to be sent at once
 */
export function insertIntoOutbox<Type extends MessageType>(type: Type, data: DataOf<Type> & { orderId: string }, rows: string): string {
  const headers = envelopeToHeaders({
    id: '{id}',
    type: type.name,
    source: '/orderly/order',
    subject: '{order}',
    time: new Date().toISOString(),
    correlationId: '{order}',
    traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  });
  const body = { ...data, orderId: '{order}' };
  return `INSERT INTO outbox (id, type, headers, body, due_at)
          SELECT id, '${type.name}',
                 replace(replace('${JSON.stringify(headers)}', '{id}', id::text), '{order}', order_id::text)::json,
                 replace('${JSON.stringify(body)}', '{order}', order_id::text), due_at
          FROM (${rows}) AS said`;
}
