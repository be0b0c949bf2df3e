import { expect } from 'chai';
import { foldName, phoneSpellings } from '../../../packages/shared/src/index.js';

describe('foldName', () => {
  it('takes away what cannot be seen', () => {
    for (const pasted of [
      '\u200bann@example.com',
      'ann@example.com\u00a0',
      '\ufeffann@exam\u00adple.com',
      '\u2066ann@example.com\u2069',
      ' ann@example.com\n',
    ])
      expect(foldName(pasted), JSON.stringify(pasted)).to.equal('ann@example.com');
    expect(foldName('e\u0301')).to.equal('\u00e9');
    expect(foldName('a \u00a0 b')).to.equal('a b');
  });
});

describe('phoneSpellings', () => {
  it('gives the digits under which one number may be stored, however it was typed', () => {
    const stored = ['380956490955', '80956490955', '0956490955'];
    for (const typed of [
      '+38 095 649 09 55',
      '+380 (95) 649-09-55',
      '00380956490955',
      '80956490955',
      '095 649 09 55',
      '095‑649–09–55',
      '095.649.09.55',
    ])
      expect(phoneSpellings(typed), typed).to.include.members(stored);
    expect(phoneSpellings('+48 601 234 567')).to.deep.equal(['48601234567']);
    expect(phoneSpellings('0048601234567')).to.include('48601234567');
  });

  it('gives none for what is no phone number', () => {
    for (const text of ['ann@example.com', '1234', 'id 12345', '']) expect(phoneSpellings(text), text).to.deep.equal([]);
  });
});
