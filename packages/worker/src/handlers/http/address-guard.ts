/** Which addresses a follow-up may reach: only such as the public internet routes. */
import ipaddr from 'ipaddr.js';

/** Why this IP address is refused, in one or two words, or null where it is public. */
export type AddressGuard = (address: string) => string | null;

/** Inside a public range, and yet a cloud's metadata: Azure's. All other clouds' are in ranges that are refused as a whole. */
const metadataAddresses = new Set(['168.63.129.16']);

/** The only IPv6 range that is given out to the public internet: everything outside, known today or not, is something else. */
const globalUnicast: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse('2000::'), 3];

/**
 * `nat64`: prefixes of 96 bits, as CIDR, by which this network's hosts reach IPv4 (RFC 6052); such an address is as public as the IPv4 address in its
 * last 32 bits. All other IPv6 addresses that carry an IPv4 address (mapped, compatible, 6to4, Teredo) are refused whatever they carry: how they are
 * routed depends on the network that we run in.
 */
export function addressGuard(nat64: readonly string[]): AddressGuard {
  const prefixes = nat64.map((prefix) => ipaddr.IPv6.parseCIDR(prefix));
  const refusalOf: AddressGuard = (address) => {
    if (!ipaddr.isValid(address)) return 'not an IP address';
    const parsed = ipaddr.parse(address);
    if (parsed instanceof ipaddr.IPv6 && prefixes.some((prefix) => parsed.match(prefix)))
      return refusalOf(ipaddr.fromByteArray(parsed.toByteArray().slice(12)).toString());
    const range = parsed.range();
    if (range !== 'unicast') return range;
    if (parsed.kind() === 'ipv6') return parsed.match(globalUnicast) ? null : 'not public';
    return metadataAddresses.has(parsed.toString()) ? 'metadata' : null;
  };
  return refusalOf;
}

/** With the well-known prefix of RFC 6052 alone. */
export const refusalOf: AddressGuard = addressGuard(['64:ff9b::/96']);
