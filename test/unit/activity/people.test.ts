import { expect } from 'chai';
import { foldAddress, isAbout, names, type People } from '../../../packages/worker/src/activity/people.js';

const people: People = {
  hasContact: (id) => id === 42,
  hasAddress: (address) => ['ann@example.com', '380501112233'].includes(address),
};

describe('people who are to be forgotten', () => {
  for (const [what, text] of [
    ['an id, as a number or as a text', '[{"contactId": 42}, {"contactId":"42"}]'],
    ['an address in any case', '{"email":"Ann@Example.COM"}'],
    ['an address with an escape', '{"email":"ann\\u0040example.com"}'],
    ['a phone number however it is written', '{"phone":"+38 (050) 111-22-33"}'],
    ['a phone number as a number', '{"phone":380501112233}'],
    ['an address in what is no JSON', 'mail to "ann@example.com" failed'],
  ] as const)
    it(`are named by ${what}`, () => {
      expect(names(people, text)).to.equal(true);
    });

  it('are not named by the ids and addresses of others', () => {
    expect(names(people, '{"contactId":421,"email":"bob@example.com","phone":380509998877,"n":42}')).to.equal(false);
    expect(names(people, '')).to.equal(false);
  });

  it('have the activities of their contact, and those without a contact that name them', () => {
    const text = () => '{"email":"ann@example.com"}';
    expect(isAbout(people, { contactId: 42 }, () => '')).to.equal(true);
    expect(isAbout(people, { contactId: 7 }, text), 'of somebody else').to.equal(false);
    expect(isAbout(people, { contactId: null }, text)).to.equal(true);
  });

  it('are told by nothing that is shorter than five characters', () => {
    expect([foldAddress('a@b'), foldAddress(' 1-2-3-4 '), foldAddress('12345')]).to.deep.equal([null, null, '12345']);
  });
});
