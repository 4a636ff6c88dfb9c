import { Controller, Get } from '@nestjs/common';

/** Answers as soon as it can be asked at all: a service listens when its database and its queue are there. */
@Controller('health')
export class HealthController {
  @Get('ready')
  ready(): { status: 'up' } {
    return { status: 'up' };
  }
}
