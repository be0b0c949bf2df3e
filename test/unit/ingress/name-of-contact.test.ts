import { expect } from 'chai';
import { nameOfContact } from '../../../packages/ingress/src/name-of-contact.js';

const named = (query: string, body: unknown = '') => {
  const name = nameOfContact(query, Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)));
  return name === null ? null : `${name.kind} ${name.text}`;
};

describe('Whom a request asks about', () => {
  it('is the surest of its names, wherever it stands, and of two of a kind that of the query', () => {
    const all = { phone: '1', email: 'a@b', externalCustomerId: 'x', contactId: 5 };
    expect(named('', all)).to.equal('contactId 5');
    expect(named('', { ...all, contactId: 0 })).to.equal('externalCustomerId x');
    expect(named('email=c@d', { phone: '1' })).to.equal('email c@d');
    expect(named('phone=1', { email: 'a@b' })).to.equal('email a@b');
    expect(named('contactId=6', all)).to.equal('contactId 6');
    expect(named('email=c@d&email=e@f')).to.equal('email c@d');
    expect(named('', { phone: 380501112233 })).to.equal('phone 380501112233');
  });

  it('is nobody where each of them is missing, unreadable, or a variable that nobody filled in', () => {
    for (const body of [
      '',
      '[]',
      'x',
      '{}',
      { contactId: 'x' },
      { email: '$email' },
      { phone: null },
      { externalCustomerId: [] },
    ])
      expect(named('', body), JSON.stringify(body)).to.equal(null);
    expect(named('contactId=$contact_ID&email=')).to.equal(null);
    expect(named('email=$!email', { email: 'a@b' })).to.equal('email a@b');
    expect(nameOfContact('', Buffer.from('{"__proto__":{"email":"a@b"}}'))).to.equal(null);
  });
});
