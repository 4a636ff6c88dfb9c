import { consoleConfig } from '../../apps/console/src/config.js';
import { kept as keptByConsole, migrations as migrationsOfConsole } from '../../apps/console/src/console.module.js';
import { notificationConfig } from '../../apps/notification/src/config.js';
import { kept as keptByNotification, migrations as migrationsOfNotification } from '../../apps/notification/src/notification.module.js';
import { orderConfig } from '../../apps/order/src/config.js';
import { kept as keptByOrder, migrations as migrationsOfOrder } from '../../apps/order/src/order.module.js';
import { paymentConfig } from '../../apps/payment/src/config.js';
import { kept as keptByPayment, migrations as migrationsOfPayment } from '../../apps/payment/src/payment.module.js';

/** What each service keeps for a time, with the periods that it has when nobody says otherwise. */
export const services = {
  order: {
    migrations: migrationsOfOrder,
    kept: keptByOrder(orderConfig.pick({ INBOX_KEPT_DAYS: true, IDEMPOTENCY_KEYS_KEPT_HOURS: true }).parse({})),
  },
  payment: {
    migrations: migrationsOfPayment,
    kept: keptByPayment(
      paymentConfig.pick({ INBOX_KEPT_DAYS: true, IDEMPOTENCY_KEYS_KEPT_HOURS: true, PSP_EVENTS_KEPT_DAYS: true }).parse({}),
    ),
  },
  notification: {
    migrations: migrationsOfNotification,
    kept: keptByNotification(
      notificationConfig.pick({ INBOX_KEPT_DAYS: true, NOTIFICATIONS_KEPT_DAYS: true, WEBHOOK_DELIVERIES_KEPT_DAYS: true }).parse({}),
    ),
  },
  console: {
    migrations: migrationsOfConsole,
    kept: keptByConsole(consoleConfig.pick({ INBOX_KEPT_DAYS: true, DEAD_LETTERS_KEPT_DAYS: true, AUDIT_TRAIL_KEPT_DAYS: true }).parse({})),
  },
} as const;

export type ServiceName = keyof typeof services;
