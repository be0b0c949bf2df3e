import { expect } from 'chai';
import { fingerprintOf, isReadByIngress, isSameText } from '../../../packages/shared/src/index.js';

const text = 'sources: { main: { tokens: ["${TOKEN}"] } }';

describe('the fingerprint of a configuration', () => {
  const first = fingerprintOf(text, { TOKEN: 'a', OTHER: 'b' }, 'admin');

  it('is another for another text, and for another value of what the text names', () => {
    expect(fingerprintOf(text, { TOKEN: 'a', OTHER: 'c' }, 'admin')).to.equal(first);
    const values = fingerprintOf(text, { TOKEN: 'b' }, 'admin');
    expect(values).to.not.equal(first);
    expect(isSameText(values, first)).to.be.true;
    expect(isSameText(fingerprintOf(`${text} `, { TOKEN: 'a' }, 'admin'), first)).to.be.false;
    expect(fingerprintOf(text, {}, 'admin')).to.not.equal(first);
  });

  it('is the same for a process, whatever the values are of what it does not read', () => {
    const withAction = `${text}\nactions: [{ with: { secret: "\${CRM}" } }]`;
    const ofIngress = (crm?: string) => fingerprintOf(withAction, { TOKEN: 'a', CRM: crm }, 'admin', isReadByIngress);
    expect(ofIngress('one')).to.equal(ofIngress());
    expect(fingerprintOf(withAction, { TOKEN: 'a', CRM: 'one' }, 'admin')).to.not.equal(ofIngress());
  });

  it('gives nothing to whoever does not hold the admin token: guesses cannot be tried against it', () => {
    expect(first).to.match(/^[0-9a-f]{12}-[0-9a-f]{12}$/);
    expect(fingerprintOf(text, { TOKEN: 'a' }, 'guessed').split('-')[1]).to.not.equal(first.split('-')[1]);
  });
});
