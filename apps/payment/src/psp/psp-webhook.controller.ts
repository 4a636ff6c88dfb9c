import { Body, Controller, Headers, HttpCode, Inject, Post } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { problem, Public, RawBody, Refusals } from '#libs/http';
import { PAYMENT_CONFIG, type PaymentConfig } from '../config.js';
import { pspWebhooks } from '../metrics.js';
import { PspEvents } from './psp-events.js';
import { readEvent } from './stripe-events.js';

const Received = z.object({ received: z.literal(true) }).meta({ id: 'WebhookReceived' });

/** Where the provider tells us unasked. Whoever it is has to sign; a refusal says no more than that. */
@ApiTags('webhooks')
@Controller('webhooks')
export class PspWebhookController {
  private readonly secrets: readonly string[];

  constructor(
    private readonly events: PspEvents,
    @Inject(PAYMENT_CONFIG) config: PaymentConfig,
  ) {
    const { PSP_WEBHOOK_SECRET: current, PSP_WEBHOOK_SECRET_PREVIOUS: previous } = config;
    this.secrets = previous === undefined ? [current] : [current, previous];
  }

  @Post('psp')
  @HttpCode(200)
  @Public()
  @RawBody()
  @ApiOperation({
    summary: 'Take an event of the payment provider',
    description:
      'Signed by the provider as https://docs.stripe.com/webhooks/signature describes, at most 300 s ago. Answered 200 once it is committed, be it new, known or of no use to us; the provider sends it again until then.',
  })
  @ApiHeader({
    name: 'Stripe-Signature',
    required: true,
    schema: { type: 'string', examples: ['t=1767268800,v1=5257a869e7ecebeda32affa62cdca3fa51cad7e77a0e56ff536d0ce8e108d8bd'] },
  })
  @ApiOkResponse({ standardSchema: Received })
  @Refusals('webhook-refused')
  async receive(@Body() body: Buffer, @Headers('stripe-signature') signature: string | undefined): Promise<z.infer<typeof Received>> {
    const event = readEvent(body, signature, this.secrets, new Date());
    if (!event) {
      pspWebhooks.inc({ outcome: 'refused' });
      throw problem('webhook-refused', 'The event is not signed as it should be, too old, or no event.');
    }
    pspWebhooks.inc({ outcome: await this.events.take(event) });
    return { received: true };
  }
}
