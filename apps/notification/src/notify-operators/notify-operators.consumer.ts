import { Inject, Injectable, Logger } from '@nestjs/common';
import { Consumes, type Answered, type AskingHandler, type MessageOf } from '#libs/messaging';
import { Smtp, type Mail } from '../channels/email/smtp.js';
import { NOTIFICATION_CONFIG, type NotificationConfig } from '../config.js';

type Disabled = MessageOf<'notification.notify-operators'>;

const because = { failing: 'Its deliveries kept failing.', gone: 'It said that it is gone (410).' };

/** Tells operators by e-mail, where there is an address, what they have to look after. It may come twice, with the same Message-ID. */
@Injectable()
export class NotifyOperatorsConsumer implements AskingHandler<Disabled, Mail, 'sent' | 'failed'> {
  private readonly logger = new Logger(NotifyOperatorsConsumer.name);

  constructor(
    private readonly smtp: Smtp,
    @Inject(NOTIFICATION_CONFIG) private readonly config: NotificationConfig,
  ) {}

  async intend(messages: readonly Disabled[]): Promise<ReadonlyMap<Disabled, Mail>> {
    for (const { data } of messages) this.logger.warn(`webhook endpoint ${data.endpointId} is disabled: ${data.reason}`);
    const { OPERATORS_EMAIL: recipient } = this.config;
    if (recipient === undefined) return new Map();
    return new Map(messages.map((message) => [message, { recipient, eventId: message.id, ...wordingOf(message) }]));
  }

  ask(mail: Mail): Promise<'sent' | 'failed'> {
    return this.smtp.send(mail);
  }

  @Consumes('notification.notify-operators', { askAtOnce: 2 })
  async record(answered: readonly Answered<Disabled, Mail, 'sent' | 'failed'>[]): Promise<void> {
    for (const { message, answer } of answered) {
      if (answer === 'failed') this.logger.error(`operators were not told of ${message.id}: OPERATORS_EMAIL is refused for good`);
    }
  }
}

function wordingOf({ data: { endpointId, host, reason, at } }: Disabled): Pick<Mail, 'subject' | 'body'> {
  return {
    subject: `Webhooks to ${host} are disabled`,
    body: [
      `Nothing is sent to the endpoint ${endpointId} at ${host} since ${at}. ${because[reason]}`,
      `What was tried: GET /webhook-deliveries?endpointId=${endpointId}`,
      `To enable it again: PATCH /webhook-endpoints/${endpointId} with { "enabled": true }; then redeliver what is missing.`,
    ].join('\n'),
  };
}
