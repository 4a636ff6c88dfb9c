import { describe, expect, it } from 'vitest';
import { maySendTo, networks } from './address-rules.js';

const nothingMore = networks([]);

describe('an address that webhooks may be sent to', () => {
  it.each([
    ['public', '93.184.216.34'],
    ['public, beside a private network', '172.15.255.255'],
    ['public, behind a private network', '172.32.0.0'],
    ['public, beside carrier-grade NAT', '100.63.255.255'],
    ['public, behind it', '100.128.0.0'],
    ['the last before multicast', '223.255.255.255'],
    ['public, of version 6', '2606:2800:220:1:248:1893:25c8:1946'],
    ['public, of version 6, behind protocol assignments', '2001:4860:4860::8888'],
  ])('%s: %s', (_, address) => expect(maySendTo(address, nothingMore)).toBe(true));
});

describe('an address that nothing is sent to', () => {
  it.each([
    ['loopback', '127.0.0.1'],
    ['the last of loopback', '127.255.255.254'],
    ['this machine', '0.0.0.0'],
    ['this network', '0.1.2.3'],
    ['private, 10', '10.0.0.1'],
    ['private, 172.16', '172.16.0.1'],
    ['private, 172.31', '172.31.255.255'],
    ['private, 192.168', '192.168.1.1'],
    ['carrier-grade NAT', '100.64.0.1'],
    ['the last of it', '100.127.255.255'],
    ['metadata in it', '100.100.100.200'],
    ['link-local', '169.254.0.1'],
    ['metadata', '169.254.169.254'],
    ['metadata on a public address', '168.63.129.16'],
    ['protocol assignments', '192.0.0.192'],
    ['documentation', '192.0.2.1'],
    ['documentation, 198', '198.51.100.7'],
    ['documentation, 203', '203.0.113.7'],
    ['relays of 6to4', '192.88.99.1'],
    ['benchmarks', '198.19.255.255'],
    ['multicast', '224.0.0.1'],
    ['the last of multicast', '239.255.255.255'],
    ['reserved', '240.0.0.1'],
    ['broadcast', '255.255.255.255'],
    ['unspecified, of version 6', '::'],
    ['loopback, of version 6', '::1'],
    ['loopback, mapped', '::ffff:127.0.0.1'],
    ['loopback, mapped and in hex', '::ffff:7f00:1'],
    ['metadata, mapped', '::ffff:169.254.169.254'],
    ['a public address, mapped: nobody needs it', '::ffff:93.184.216.34'],
    ['loopback, compatible', '::127.0.0.1'],
    ['loopback by NAT64', '64:ff9b::7f00:1'],
    ['private by local NAT64', '64:ff9b:1::a00:1'],
    ['loopback by 6to4', '2002:7f00:1::1'],
    ['Teredo', '2001:0:4136:e378:8000:63bf:3fff:fdd2'],
    ['unique-local', 'fd00::1'],
    ['unique-local, fc', 'fc00::1'],
    ['metadata, unique-local', 'fd00:ec2::254'],
    ['link-local, of version 6', 'fe80::1'],
    ['link-local, on an interface', 'fe80::1%eth0'],
    ['public, on an interface', '2606:2800:220:1:248:1893:25c8:1946%eth0'],
    ['site-local', 'fec0::1'],
    ['multicast, of version 6', 'ff02::1'],
    ['documentation, of version 6', '2001:db8::1'],
    ['newer documentation', '3fff::1'],
    ['discard', '100::1'],
    ['a name', 'localhost'],
    ['loopback in decimal, which a URL would have turned into dots', '2130706433'],
    ['loopback in octal', '0177.0.0.1'],
    ['loopback in hex', '0x7f.0.0.1'],
    ['loopback in short', '127.1'],
    ['nothing', ''],
  ])('%s: %s', (_, address) => expect(maySendTo(address, nothingMore)).toBe(false));
});

describe('a network that was allowed by name', () => {
  const allowed = networks(['127.0.0.0/8', 'fd00:1::/32']);

  it('is open, in each form of its addresses', () => {
    expect(['127.0.0.1', '::ffff:127.0.0.1', 'fd00:1::5'].map((address) => maySendTo(address, allowed))).toEqual([true, true, true]);
  });

  it('opens no other', () => {
    expect(['10.0.0.1', '::1', 'fd00:2::5', '169.254.169.254'].filter((address) => maySendTo(address, allowed))).toEqual([]);
  });
});
