import { expect } from 'chai';
import { compileActions } from '../../../packages/worker/src/follow-up/action.js';
import { defineHandler, Type } from '../../../packages/worker/src/handlers/kit.js';
import { builtInHandlers } from '../../../packages/worker/src/handlers/index.js';
import { createRegistry } from '../../../packages/worker/src/handlers/registry.js';

const run = () => Promise.resolve();
/** As the recipe of the docs has it: it says nothing of further parameters. */
const crm = defineHandler({ name: 'crm', description: '…', params: Type.Object({ url: Type.String() }), run });
const open = defineHandler({
  name: 'open',
  description: '…',
  params: Type.Object({}, { additionalProperties: true }),
  run,
});
const { registry } = createRegistry([...builtInHandlers, crm, open]);
const problemsOf = (action: object) => compileActions([{ name: 'a', when: {}, ...action }], registry).problems;

describe('A parameter that a handler does not know', () => {
  it('is a problem, also where its schema does not say so, and what was meant is told', () => {
    expect(problemsOf({ run: 'crm', with: { url: 'x', ulr: 'y' } })).to.deep.equal([
      'actions[0] (a).with: unknown parameter "ulr": did you mean "url"?',
    ]);
    expect(problemsOf({ run: 'crm', with: { url: 'x', somethingElse: 1 } })).to.deep.equal([
      'actions[0] (a).with: unknown parameter "somethingElse": known here: url',
    ]);
  });

  it('is none where the schema lets everything through', () => {
    expect(problemsOf({ run: 'open', with: { anything: 1 } })).to.deep.equal([]);
  });

  it('is told where it belongs, when it is allowPrivateNetwork', () => {
    expect(
      problemsOf({ run: 'http-request', with: { url: 'http://127.0.0.1/' }, allowPrivateNetwork: true }).join('\n'),
    ).to.match(
      /"allowPrivateNetwork" belongs under "with:" of an action whose handler takes it \(http-request, esputnik-request\)/,
    );
    expect(problemsOf({ run: 'crm', with: { url: 'x', allowPrivateNetwork: true } })).to.deep.equal([
      'actions[0] (a).with: unknown parameter "allowPrivateNetwork": the handler "crm" does not take it; one of your own passes "allowPrivateNetwork: true" to http.request',
    ]);
  });
});
