import { z } from 'zod';
import { signal } from './message.js';

/** An operator changed a setting of a service: what it is now, each of its replicas reads by itself. The subject is the setting. */
export const SettingChanged = signal('setting.changed.v1', {
  schema: z.object({ service: z.string().min(1), setting: z.string().min(1) }),
  example: { service: 'order', setting: 'payment-window-seconds' },
});
