/** What all tests of bad input share: a pipeline of real processes per store, and what they say of a delivered body. */
import { expect } from 'chai';
import type { Outcome, Pipeline } from '../../support/pipeline.js';
import { usePipeline } from '../../support/pipeline.js';
import { storeKinds, type StoreKind } from '../../support/stores.js';

let made = 0;
/** What a sound activity looks like on the wire; `fields` come on top, undefined ones go. */
export function sound(fields: Record<string, unknown> = {}) {
  made++;
  return {
    activityStatus: 'READ',
    activityDateTime: '2024-05-01T10:00:00',
    iid: `iid-${made}`,
    contactId: 1_000_000 + made,
    mediaType: 'email',
    email: `person${made}@example.com`,
    ...fields,
  };
}

/** As JSON text, with `members` put in as they stand. */
export const soundText = (members: string): string => JSON.stringify(sound()).replace(/}$/, `,${members}}`);

/** Of a nesting that no parser by recursion survives. */
export const deep = 100_000;

/** Elements as received, by what is wrong with them, and why they are refused. */
export type BrokenElements = Record<string, [raw: string, reason: string, detail: string | RegExp]>;

/** As the row of a long element keeps it. */
const beginningOf = (raw: string) => new TextDecoder().decode(Buffer.from(raw).subarray(0, 65_536), { stream: true });

export interface Bench {
  kind: StoreKind;
  pipeline: () => Pipeline;
  deliver: Pipeline['deliver'];
  /** The row of `contact_status`. */
  contact: (element: { contactId: unknown }) => Promise<Record<string, unknown> | undefined>;
  expectProjected: (...elements: ReturnType<typeof sound>[]) => Promise<void>;
  /** A test per element: sent between two sound ones, it is quarantined with position and text while they go on. */
  quarantines: (elements: BrokenElements) => void;
}

export const counts = ({ batch }: Outcome) => ({
  total: batch.total,
  new: batch.new,
  duplicate: batch.duplicate,
  rejected: batch.rejected,
});

/** A suite per store; whatever is sent in it, the worker never tries twice. */
export function describeBadInput(what: string, tests: (bench: Bench) => void): void {
  for (const kind of storeKinds)
    describe(`bad input, ${what}, queue on ${kind}`, function () {
      this.timeout(120_000);
      const pipeline = usePipeline(kind);
      tests(benchOn(kind, pipeline));

      it('none of it made the worker try twice', () => {
        const complaints = pipeline()
          .worker.lines()
          .filter(({ level }) => Number(level) >= 40);
        expect(complaints).to.deep.equal([]);
      });
    });
}

function benchOn(kind: StoreKind, pipeline: () => Pipeline): Bench {
  const deliver: Pipeline['deliver'] = (...args) => pipeline().deliver(...args);
  const contact: Bench['contact'] = async ({ contactId }) =>
    (await pipeline().query('select * from vidhuk.contact_status where contact_id = $1', [contactId]))[0];
  const expectProjected: Bench['expectProjected'] = async (...elements) => {
    for (const element of elements)
      expect(await contact(element), `contact ${element.contactId}`).to.have.property('email', element.email);
  };
  const quarantines: Bench['quarantines'] = (elements) => {
    for (const [name, [raw, reason, detail]] of Object.entries(elements))
      it(name, async () => {
        const [first, second] = [sound(), sound()];
        const outcome = await deliver(`[ ${JSON.stringify(first)},\n ${raw} ,${JSON.stringify(second)}]`);
        expect(counts(outcome)).to.deep.equal({ total: 3, new: 2, duplicate: 0, rejected: 1 });
        const [rejection] = outcome.rejections;
        expect(rejection).to.include({ position: 1, reason });
        if (detail instanceof RegExp) expect(rejection?.detail).to.match(detail);
        else expect(rejection?.detail).to.include(detail);
        expect(rejection?.raw === beginningOf(raw), 'the text is exactly as received, of a long one its beginning').to.be.true;
        expect(rejection?.raw_bytes).to.equal(Buffer.byteLength(raw));
        expect(outcome.activities.map(({ position }) => position)).to.deep.equal([0, 2]);
        await expectProjected(first, second);
      });
  };
  return { kind, pipeline, deliver, contact, expectProjected, quarantines };
}
