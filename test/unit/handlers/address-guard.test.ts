import { expect } from 'chai';
import { addressGuard, refusalOf } from '../../../packages/worker/src/handlers/http/address-guard.js';

const refused: Record<string, string[]> = {
  loopback: ['127.0.0.1', '127.255.255.254', '::1'],
  private: ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1'],
  'unique local': ['fc00::1', 'fd12:3456::1'],
  'link-local': ['169.254.1.1', 'fe80::1', 'fec0::1'],
  metadata: ['169.254.169.254', 'fd00:ec2::254', '168.63.129.16', '100.100.100.200', '192.0.0.192'],
  'carrier-grade NAT': ['100.64.0.1', '100.127.255.255'],
  multicast: ['224.0.0.1', '239.255.255.255', 'ff02::1'],
  reserved: [
    '0.0.0.0',
    '0.1.2.3',
    '::',
    '240.0.0.1',
    '255.255.255.255',
    '192.0.2.1',
    '198.18.0.1',
    '203.0.113.9',
    '2001:db8::1',
    '100::1',
  ],
  'IPv4 in IPv6': [
    '::ffff:127.0.0.1',
    '::ffff:8.8.8.8',
    '::ffff:0:127.0.0.1',
    '::127.0.0.1',
    '::8.8.8.8',
    '2002:7f00:1::',
    '64:ff9b::7f00:1',
    '64:ff9b:1::7f00:1',
    '2001:0:7f00:1::',
    '::5efe:127.0.0.1',
  ],
  'outside of what is given out': ['4000::1', '1::1', '5f00::1', 'c000::1'],
  'no address': ['localhost', '', '127.0.0.1.nip.io', '1.2.3.4.5'],
};

describe('refusalOf', () => {
  for (const [kind, addresses] of Object.entries(refused)) {
    it(`refuses ${kind}`, () => {
      for (const address of addresses) expect(refusalOf(address), address).to.be.a('string');
    });
  }

  it('looks through NAT64 at the address inside: of the well-known prefix, and of those that are given', () => {
    expect(refusalOf('64:ff9b::5db8:d822'), '93.184.216.34').to.equal(null);
    for (const inside of ['64:ff9b::7f00:1', '64:ff9b::a9fe:a9fe', '64:ff9b::a00:1'])
      expect(refusalOf(inside), inside).to.be.a('string');
    const own = addressGuard(['2001:db8:64::/96']);
    expect(own('2001:db8:64::5db8:d822')).to.equal(null);
    expect(own('2001:db8:64::a00:1')).to.equal('private');
    expect(own('64:ff9b::5db8:d822'), 'not among those that are given').to.be.a('string');
  });

  it('lets public addresses pass', () => {
    for (const address of [
      '8.8.8.8',
      '1.1.1.1',
      '93.184.216.34',
      '172.15.255.255',
      '172.32.0.1',
      '2606:4700::1111',
      '2a00:1450::1',
    ])
      expect(refusalOf(address), address).to.equal(null);
  });
});
