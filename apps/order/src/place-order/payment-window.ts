import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { runTimeSetting, RunTimeSettings } from '#libs/messaging';
import { ORDER_CONFIG, type OrderConfig } from '../config.js';

/** How long an order waits for its payment when its customer doesn't say. Those that were placed keep their deadlines. */
@Injectable()
export class PaymentWindow {
  seconds: number;

  constructor(@Inject(ORDER_CONFIG) { PAYMENT_WINDOW_SECONDS: configured }: OrderConfig, settings: RunTimeSettings) {
    this.seconds = configured;
    settings.declare(
      runTimeSetting({
        name: 'payment-window-seconds',
        meaning: "How long an order waits for its payment when its customer doesn't say. Orders that were placed keep their deadlines.",
        schema: z.int().min(5).max(604_800),
        configured,
        apply: (seconds) => void (this.seconds = seconds),
      }),
    );
  }
}
