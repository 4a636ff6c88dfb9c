import { BlockList, isIP } from 'node:net';

/**
 * Networks of version 4 that are nobody's on the public internet, or that mean the machine itself, its neighbours or its cloud.
 * @see https://www.iana.org/assignments/iana-ipv4-special-registry
 */
const closedToIpv4 = [
  '0.0.0.0/8', // this network; 0.0.0.0 connects to this machine
  '10.0.0.0/8', // private
  '100.64.0.0/10', // carrier-grade NAT, and a cloud's metadata
  '127.0.0.0/8', // loopback
  '168.63.129.16/32', // a cloud's metadata on a public address
  '169.254.0.0/16', // link-local, and most clouds' metadata
  '172.16.0.0/12', // private
  '192.0.0.0/24', // protocol assignments, and a cloud's metadata
  '192.0.2.0/24', // documentation
  '192.88.99.0/24', // 6to4 relays
  '192.168.0.0/16', // private
  '198.18.0.0/15', // benchmarks
  '198.51.100.0/24', // documentation
  '203.0.113.0/24', // documentation
  '224.0.0.0/4', // multicast
  '240.0.0.0/4', // reserved, and broadcast
];

/**
 * Of version 6 only global unicast is open: loopback, unique-local, link-local, multicast, mapped IPv4 and NAT64 lie outside of it. Some of
 * it is closed besides, for what it wraps is an address of version 4.
 */
const openToIpv6 = networks(['2000::/3']);
const closedToIpv6 = networks([
  '2001::/23', // protocol assignments, Teredo among them
  '2001:db8::/32', // documentation
  '2002::/16', // 6to4
  '3fff::/20', // documentation
]);
const closed = networks(closedToIpv4);

/** Networks in CIDR form, to look addresses up in. */
export function networks(cidrs: readonly string[]): BlockList {
  const list = new BlockList();
  for (const cidr of cidrs) {
    const [address = '', prefix] = cidr.split('/');
    list.addSubnet(address, Number(prefix), familyOf(address));
  }
  return list;
}

/** Whether anything may be sent to an address: it is public, or it is in a network that was allowed by name. Text that is no address is not. */
export function maySendTo(address: string, allowed: BlockList): boolean {
  // What is behind a `%` chooses an interface of this machine.
  if (isIP(address) === 0 || address.includes('%')) return false;
  const family = familyOf(address);
  if (allowed.check(address, family)) return true;
  if (family === 'ipv4') return !closed.check(address, family);
  return openToIpv6.check(address, family) && !closedToIpv6.check(address, family);
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 4 ? 'ipv4' : 'ipv6';
}
