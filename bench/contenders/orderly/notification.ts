/** The notification service as it is, with a mail server that answers at once. */
import 'reflect-metadata';
import { httpSurface } from '#libs/http';
import { readConfig, requestTrace, startService } from '#libs/service';
import { Smtp } from '../../../apps/notification/src/channels/email/smtp.js';
import { notificationConfig } from '../../../apps/notification/src/config.js';
import { NotificationModule } from '../../../apps/notification/src/notification.module.js';
import { InstantMail } from './instant-mail.js';

const config = readConfig('notification', notificationConfig);
const module = NotificationModule.with(config);

await startService({
  name: 'notification',
  config,
  // The later of two providers of one token counts.
  module: { ...module, providers: [...(module.providers ?? []), { provide: Smtp, useClass: InstantMail }] },
  http: httpSurface({
    title: 'Orderly: notifications',
    description: 'With an instant mail server.',
    trace: requestTrace,
    config,
  }),
});
