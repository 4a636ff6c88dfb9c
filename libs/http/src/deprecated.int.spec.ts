import 'reflect-metadata';
import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ApiOkResponse } from '@nestjs/swagger';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { testIssuer } from '#libs/testing';
import { Deprecated, httpSurface, problem, Public, Refusals } from './index.js';

const times = { since: new Date('2027-01-01T00:00:00Z'), sunset: new Date('2027-06-30T00:00:00Z') };

@Public()
@Controller()
class OldAndNew {
  @Get('old')
  @Deprecated(times)
  @ApiOkResponse({ standardSchema: z.object({}) })
  old(): object {
    return {};
  }

  @Get('old-and-refused')
  @Deprecated(times)
  @Refusals('order-not-found')
  refused(): object {
    throw problem('order-not-found', 'There is no such order.');
  }

  @Get('new')
  @ApiOkResponse({ standardSchema: z.object({}) })
  new(): object {
    return {};
  }
}

@Module({ controllers: [OldAndNew] })
class OldAndNewModule {}

describe('a deprecated route', () => {
  let app: NestFastifyApplication;
  let url: string;

  beforeAll(async () => {
    const http = httpSurface({
      title: 'old and new',
      description: 'in a spec',
      trace: { run: (_request, work) => work(), id: () => undefined },
      config: {
        ...testIssuer().environment,
        JWT_ALGORITHM: 'EdDSA',
        ADDRESS_RATE_PER_SECOND: 0,
        ADDRESS_RATE_BURST: 1,
        CALLER_RATE_PER_SECOND: 0,
        CALLER_RATE_BURST: 1,
      },
    });
    app = await NestFactory.create<NestFastifyApplication>(OldAndNewModule, http.adapter, { logger: false });
    await http.prepare(app);
    await app.listen(0, '127.0.0.1');
    url = await app.getUrl();
  });
  afterAll(() => app?.close());

  const saidBy = async (path: string) => {
    const { status, headers } = await fetch(url + path);
    return [status, headers.get('deprecation'), headers.get('sunset')];
  };

  it('says with each answer since when, and when it may be gone', async () => {
    expect(await saidBy('/old')).toEqual([200, '@1798761600', 'Wed, 30 Jun 2027 00:00:00 GMT']);
    expect(await saidBy('/old-and-refused')).toEqual([404, '@1798761600', 'Wed, 30 Jun 2027 00:00:00 GMT']);
    expect(await saidBy('/new')).toEqual([200, null, null]);
  });

  it('is deprecated in the OpenAPI document, and no other', async () => {
    const { paths } = (await (await fetch(`${url}/docs-json`)).json()) as { paths: Record<string, { get: { deprecated?: boolean } }> };
    expect(Object.entries(paths).flatMap(([path, { get }]) => (get.deprecated ? [path] : []))).toEqual(['/old', '/old-and-refused']);
    expect(JSON.stringify(paths)).not.toContain('x-deprecated');
  });

  it('stays for 180 days at least', () => {
    expect(() => Deprecated({ ...times, sunset: new Date('2027-06-29T23:59:59Z') })).toThrow('180 days');
  });
});
