import { describe, expect, it } from 'vitest';
import { networks } from './address-rules.js';
import { urlFault } from './endpoint-url.js';

const strict = { allowHttp: false, allowed: networks([]) };
const lenient = { allowHttp: true, allowed: networks(['127.0.0.0/8']) };

describe('the address of an endpoint', () => {
  it.each(['https://shop.example/webhooks', 'https://shop.example:8443/?shop=1', 'https://93.184.216.34/', 'https://[2606:4700::1111]/'])(
    'is taken: %s',
    (url) => expect(urlFault(url, strict)).toBeUndefined(),
  );

  it.each([
    ['not-https', 'http://shop.example/'],
    ['not-https', 'ftp://shop.example/'],
    ['not-https', 'file:///etc/passwd'],
    ['invalid-url', 'shop.example'],
    ['invalid-url', 'https://'],
    ['credentials-in-url', 'https://me:secret@shop.example/'],
    ['credentials-in-url', 'https://me@shop.example/'],
    ['fragment-in-url', 'https://shop.example/#part'],
    ['address-refused', 'https://127.0.0.1/'],
    ['address-refused', 'https://127.1/'],
    ['address-refused', 'https://2130706433/'],
    ['address-refused', 'https://0x7f000001/'],
    ['address-refused', 'https://0177.0.0.1/'],
    ['address-refused', 'https://0x7f.0.0.01/'],
    ['address-refused', 'https://１２７.0.0.1/'],
    ['address-refused', 'https://0/'],
    ['address-refused', 'https://169.254.169.254/latest/meta-data'],
    ['address-refused', 'https://10.1.2.3/'],
    ['address-refused', 'https://[::1]/'],
    ['address-refused', 'https://[::]/'],
    ['address-refused', 'https://[::ffff:127.0.0.1]/'],
    ['address-refused', 'https://[::ffff:7f00:1]/'],
    ['address-refused', 'https://[fd00::1]/'],
    ['address-refused', 'https://[fe80::1]/'],
    ['address-refused', 'https://[64:ff9b::169.254.169.254]/'],
  ])('is refused as %s: %s', (code, url) => expect(urlFault(url, strict)?.code).toBe(code));

  it('may be on this machine, and without TLS, where that was allowed', () => {
    expect(urlFault('http://127.0.0.1:9000/', lenient)).toBeUndefined();
    expect(urlFault('http://10.0.0.1:9000/', lenient)?.code).toBe('address-refused');
    expect(urlFault('ftp://127.0.0.1/', lenient)?.code).toBe('not-https');
  });
});
