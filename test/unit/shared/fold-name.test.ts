import { expect } from 'chai';
import { foldName, idOf, nameSpellings, phoneDigits, phoneSpellings, shortTextOf } from '../../../packages/shared/src/index.js';

describe('foldName', () => {
  it('takes away what cannot be seen', () => {
    for (const pasted of [
      '\u200bann@example.com',
      'ann@example.com\u00a0',
      '\ufeffann@exam\u00adple.com',
      '\u2066ann@example.com\u2069',
      ' ann@example.com\n',
      'ann\u034f@example\u3164.com\ufe0f',
      'ann\u0007@example.com\u007f',
      'ann\ufeff@example.com',
    ])
      expect(foldName(pasted), JSON.stringify(pasted)).to.equal('ann@example.com');
    expect(foldName('e\u0301')).to.equal('\u00e9');
    expect(foldName('e\u200b\u0301'), 'what was in between').to.equal('\u00e9');
    expect(foldName('a \u00a0 b')).to.equal('a b');
  });
});

describe('nameSpellings', () => {
  it('are what is looked for without what cannot be seen, and as it was given: an id may hold two spaces, or accents of its own', () => {
    expect(nameSpellings(' 42 \n')).to.deep.equal(['42']);
    expect(nameSpellings('CRM  42')).to.deep.equal(['CRM 42', 'CRM  42']);
    expect(nameSpellings('Zoe\u0301')).to.deep.equal(['Zo\u00e9', 'Zoe\u0301']);
  });

  it('are none where nothing is to be seen', () => {
    for (const text of ['', ' \u00a0', '\u200b\ufeff', '\u0007'])
      expect(nameSpellings(text), JSON.stringify(text)).to.deep.equal([]);
  });
});

describe('a value of a request', () => {
  it('is none where nothing of it is to be seen, and an id whatever hides around it', () => {
    expect(shortTextOf('\u200b \u2060')).to.equal(null);
    expect(idOf('\u200b42\u00a0')).to.equal(42);
    for (const text of ['4 2', '42a', '-42', '', 4.5]) expect(idOf(text), String(text)).to.equal(null);
  });
});

describe('phoneSpellings', () => {
  it('gives the digits under which one number may be stored, however it was typed', () => {
    const stored = ['380956490955', '80956490955', '0956490955', '00380956490955'];
    for (const typed of [
      '+38 095 649 09 55',
      '+380 (95) 649-09-55',
      '00380956490955',
      '80956490955',
      '095 649 09 55',
      '095‑649–09–55',
      '095.649.09.55',
      '095\u2212649\u221209\u221255',
    ])
      expect(phoneSpellings(typed), typed).to.include.members(stored);
    expect(phoneSpellings('+48 601 234 567')).to.deep.equal(['48601234567', '0048601234567']);
    expect(phoneSpellings('0048601234567')).to.have.members(['0048601234567', '48601234567']);
  });

  it('gives none for what is no phone number', () => {
    for (const text of ['ann@example.com', '1234', 'id 12345', '']) expect(phoneSpellings(text), text).to.deep.equal([]);
  });

  it('are made of the digits of a number, or of a part of one', () => {
    expect(['649\u201109', '(095', '+', 'ext 7'].map(phoneDigits)).to.deep.equal(['64909', '095', '', '']);
  });
});
