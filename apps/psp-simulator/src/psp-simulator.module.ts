import { Module, type DynamicModule } from '@nestjs/common';
import { databaseModule, ServiceModule, tlsFiles } from '#libs/service';
import { Answering } from './answering/answering.js';
import { SIMULATOR_CONFIG, type SimulatorConfig } from './config.js';
import { FaultsController } from './control-faults/faults.controller.js';
import { DecideLater } from './decide-later/decide-later.js';
import { Faults } from './faults/faults.js';
import { HeldAnswers } from './faults/held-answers.js';
import { Treatments } from './faults/treatments.js';
import { RefundsController } from './give-refunds/refunds.controller.js';
import { CreateBooks1767225600000 } from './migrations/1767225600000-create-books.js';
import { PaymentIntentsController } from './take-payments/payment-intents.controller.js';
import { Announcer } from './webhooks/announcer.js';
import { WebhookSender } from './webhooks/webhook-sender.js';

/** A payment provider to develop against, which can misbehave in every way that providers do: all it is made of, on one page. */
@Module({})
export class PspSimulatorModule {
  static with(config: SimulatorConfig): DynamicModule {
    return {
      module: PspSimulatorModule,
      imports: [
        ServiceModule.forRoot({ name: 'psp-simulator', instance: config.INSTANCE }),
        databaseModule({
          url: config.DATABASE_URL,
          migrationsUrl: config.DATABASE_MIGRATIONS_URL,
          tls: tlsFiles('DATABASE', config),
          poolSize: config.DATABASE_POOL_SIZE,
          connectAttempts: config.DATABASE_CONNECT_ATTEMPTS,
          applicationName: 'orderly-psp-simulator',
          entities: [],
          migrations: [CreateBooks1767225600000],
        }),
      ],
      controllers: [PaymentIntentsController, RefundsController, FaultsController],
      providers: [
        { provide: SIMULATOR_CONFIG, useValue: config },
        Answering,
        Announcer,
        DecideLater,
        Faults,
        HeldAnswers,
        Treatments,
        WebhookSender,
      ],
    };
  }
}
