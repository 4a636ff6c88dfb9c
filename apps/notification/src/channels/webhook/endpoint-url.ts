import { isIP, type BlockList } from 'node:net';
import { maySendTo } from './address-rules.js';

export interface UrlRules {
  readonly allowHttp: boolean;
  /** Networks that are open though they are not public. */
  readonly allowed: BlockList;
}

/** What is wrong with the address of an endpoint, as a code and in words; undefined when nothing is. What its name resolves to is no part of it. */
export function urlFault(text: string, { allowHttp, allowed }: UrlRules): { code: string; message: string } | undefined {
  if (!URL.canParse(text)) return { code: 'invalid-url', message: 'It is not a URL.' };
  const url = new URL(text);
  if (url.protocol !== 'https:' && !(allowHttp && url.protocol === 'http:')) return { code: 'not-https', message: 'It has to be https.' };
  if (url.username !== '' || url.password !== '') {
    return { code: 'credentials-in-url', message: 'A login in it would stand in lists and logs: deliveries are signed instead.' };
  }
  if (url.hash !== '') return { code: 'fragment-in-url', message: 'What is behind a # is never sent.' };
  const literal = literalAddress(url);
  if (literal !== undefined && !maySendTo(literal, allowed))
    return { code: 'address-refused', message: 'Nothing is sent to this network.' };
  return undefined;
}

/** The address that stands in a URL instead of a name. Decimal, octal, hex and short forms have been put into dots by the URL itself. */
export function literalAddress({ hostname }: URL): string | undefined {
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  return isIP(host) === 0 ? undefined : host;
}
