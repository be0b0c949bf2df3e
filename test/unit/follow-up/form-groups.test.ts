import { expect } from 'chai';
import fc from 'fast-check';
import { formGroups, single, toCalls } from '../../../packages/worker/src/follow-up/form-groups.js';

const rowsOf = (contacts: readonly (string | null)[]) =>
  contacts.map((contact, index) => ({ id: String(index), call_id: null, contact }));
const some = fc.array(fc.option(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f')), { maxLength: 60 });
const size = fc.integer({ min: 1, max: 12 });
const inGroups = (contacts: readonly (string | null)[], max: number) =>
  formGroups(rowsOf(contacts), max).map((group) => group.map(({ id }) => ({ id: Number(id), contact: contacts[Number(id)] })));

describe('rows that went out before', () => {
  const row = (id: string, call_id: string | null) => ({ id, call_id, contact: null, due_ms: 0 });

  it('go out as the calls that they were, in their order', () => {
    const rows = [row('1', 'a'), row('2', 'b'), row('3', 'a'), row('4', null)];
    expect(toCalls(rows)).to.deep.equal([
      [
        { id: '1', callId: 'a' },
        { id: '3', callId: 'a' },
      ],
      [{ id: '2', callId: 'b' }],
    ]);
  });

  it('go out each under its own id where the action takes no groups any more', () => {
    expect(single(row('1', 'a'))).to.deep.equal([{ id: '1', callId: '1' }]);
  });
});

describe('forming groups', () => {
  it('fills each before the next', () => {
    expect(inGroups(['a', 'b', 'c', 'd', 'e'], 2).map((group) => group.length)).to.deep.equal([2, 2, 1]);
  });

  it('never makes an empty or a too large one', () => {
    fc.assert(
      fc.property(some, size, (contacts, max) => {
        for (const group of inGroups(contacts, max)) expect(group.length).to.be.within(1, max);
      }),
    );
  });

  it('takes no row twice, and leaves out only what must wait behind an earlier one of its contact', () => {
    fc.assert(
      fc.property(some, size, (contacts, max) => {
        const taken = inGroups(contacts, max).flat();
        const ids = new Set(taken.map(({ id }) => id));
        expect(ids.size).to.equal(taken.length);
        for (const [index, contact] of contacts.entries()) {
          if (ids.has(index)) continue;
          expect(contact).to.not.equal(null);
          expect(contacts.slice(0, index).some((other, earlier) => other === contact && ids.has(earlier))).to.be.true;
        }
      }),
    );
  });

  it('never has one contact in two groups', () => {
    fc.assert(
      fc.property(some, size, (contacts, max) => {
        const groupOf = new Map<string, number>();
        for (const [number, group] of inGroups(contacts, max).entries()) {
          for (const { contact } of group) {
            if (contact === null || contact === undefined) continue;
            expect(groupOf.get(contact) ?? number).to.equal(number);
            groupOf.set(contact, number);
          }
        }
      }),
    );
  });

  it('keeps the order of each contact, without a gap', () => {
    fc.assert(
      fc.property(some, size, (contacts, max) => {
        const groups = inGroups(contacts, max);
        for (const contact of new Set(contacts)) {
          if (contact === null) continue;
          const all = contacts.flatMap((other, index) => (other === contact ? [index] : []));
          const taken = groups.flat().flatMap(({ id, contact: other }) => (other === contact ? [id] : []));
          expect(taken).to.deep.equal(all.slice(0, taken.length));
        }
      }),
    );
  });

  it('gives all rows of a group one call id, and each group its own', () => {
    const groups = formGroups(rowsOf(['a', 'b', 'c', 'd', 'e']), 2);
    const callIds = groups.map((group) => new Set(group.map(({ callId }) => callId)));
    for (const ids of callIds) expect(ids.size).to.equal(1);
    expect(new Set(callIds.flatMap((ids) => [...ids])).size).to.equal(groups.length);
  });
});
