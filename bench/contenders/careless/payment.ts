import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { HealthController } from './health.controller.js';
import { Payment } from './payment/payment.entity.js';
import { PaymentsController } from './payment/payments.controller.js';
import { PaymentsService } from './payment/payments.service.js';
import { clientsModule, databaseModules, startService } from './service.js';

@Module({
  imports: [...databaseModules(Payment), clientsModule('order')],
  controllers: [HealthController, PaymentsController],
  providers: [PaymentsService],
})
class PaymentModule {}

await startService('payment', PaymentModule);
