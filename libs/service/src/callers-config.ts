import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { setting } from './setting.js';

/** Whose tokens say who is calling. There is no other way to be somebody, so a service does not start without them. */
export const callersConfig = {
  JWT_ISSUER: setting(z.string().min(1), 'The `iss` of tokens, to the letter.'),
  JWT_AUDIENCE: setting(z.string().min(1), 'What has to be in the `aud` of tokens: a token for somebody else is not for us.'),
  JWT_ALGORITHM: setting(z.enum(['EdDSA', 'ES256', 'RS256']).default('EdDSA'), 'How tokens are signed, whatever they say of themselves.'),
  JWT_JWKS_URL: setting(
    z
      .url({ protocol: /^https?$/ })
      .refine((url) => url.startsWith('https:') || ['localhost', '127.0.0.1', '[::1]'].includes(new URL(url).hostname), 'is not https')
      .optional(),
    'Where the issuer shows its keys, by https: who changes them on the way can be anybody. Beside it stands no JWT_JWKS_FILE.',
  ),
  JWT_JWKS_FILE: setting(
    z
      .string()
      .superRefine((path, context) => {
        const fault = faultOf(path);
        if (fault) context.addIssue({ code: 'custom', message: fault });
      })
      .optional(),
    "A file of the issuer's keys, read again when it changes.",
  ),
};

function faultOf(path: string): string | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    return `names a file that cannot be read (${(error as NodeJS.ErrnoException).code})`;
  }
  try {
    const { keys } = JSON.parse(text) as { keys?: unknown };
    if (Array.isArray(keys) && keys.length > 0) return undefined;
  } catch {
    // Said below.
  }
  return 'names a file that is no JSON Web Key Set with a key in it';
}

/** What is wrong with where the keys come from: it has to be one place. */
export function keysFault(set: Readonly<Record<string, string | undefined>>): string[] {
  const { JWT_JWKS_URL: url, JWT_JWKS_FILE: file } = set;
  if (url === undefined && file === undefined) return ['  JWT_JWKS_URL: is not set, nor is JWT_JWKS_FILE'];
  return url !== undefined && file !== undefined ? ['  JWT_JWKS_FILE: is set, as is JWT_JWKS_URL: keys come from one place'] : [];
}
