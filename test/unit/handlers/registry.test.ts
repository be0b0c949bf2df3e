import { expect } from 'chai';
import { builtInHandlers } from '../../../packages/worker/src/handlers/index.js';
import { defineHandler, Type } from '../../../packages/worker/src/handlers/kit.js';
import { createRegistry } from '../../../packages/worker/src/handlers/registry.js';

const named = (name: string, description: string) =>
  defineHandler({ name, description, params: Type.Object({}), run: () => Promise.resolve() });

describe('createRegistry', () => {
  it('finds handlers by name', () => {
    const { registry, problems } = createRegistry(builtInHandlers);
    expect([...registry.keys()]).to.deep.equal(builtInHandlers.map(({ name }) => name));
    expect(problems).to.deep.equal([]);
  });

  it('tells of two handlers of one name which they are', () => {
    const { problems } = createRegistry([named('crm', 'tells the CRM'), named('log', 'logs'), named('crm', 'tells another CRM')]);
    expect(problems).to.deep.equal([
      'handlers: two are named "crm", one that "tells the CRM" and one that "tells another CRM": rename one',
    ]);
  });
});
