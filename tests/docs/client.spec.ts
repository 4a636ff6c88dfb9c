import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import openapiTypeScript, { astToString, type OpenAPI3 } from 'openapi-typescript';
import { describe, expect, it } from 'vitest';
import { root } from './documentation.spec-support.js';
import { documented, openApiOf } from './open-api.spec-support.js';

const heading = '// Generated from the OpenAPI document of the service: UPDATE_DOCS=1 npm test -- tests/docs/client\n\n';

describe('the types of the client, which UPDATE_DOCS=1 rewrites', () => {
  it.each(documented)('are what the %s service documents now', async (service) => {
    const document = (await openApiOf(service)) as unknown as OpenAPI3;
    // What has a default may be left out of a request.
    const types = heading + astToString(await openapiTypeScript(document, { defaultNonNullable: false }));
    const file = join(root, `libs/client/src/${service}.api.ts`);
    if (process.env['UPDATE_DOCS'] === '1') writeFileSync(file, types);
    expect(existsSync(file) && readFileSync(file, 'utf8')).toBe(types);
  });
});
