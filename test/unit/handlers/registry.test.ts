import { expect } from 'chai';
import { ConfigurationError } from '../../../packages/shared/src/index.js';
import { builtInHandlers } from '../../../packages/worker/src/handlers/index.js';
import { defineHandler, Type } from '../../../packages/worker/src/handlers/kit.js';
import { createRegistry } from '../../../packages/worker/src/handlers/registry.js';

const named = (name: string, description: string) =>
  defineHandler({ name, description, params: Type.Object({}), run: () => Promise.resolve() });

describe('createRegistry', () => {
  it('finds handlers by name', () => {
    expect([...createRegistry(builtInHandlers).keys()]).to.deep.equal(builtInHandlers.map(({ name }) => name));
  });

  it('stops at two handlers of one name, and tells which they are', () => {
    const handlers = [named('crm', 'tells the CRM'), named('log', 'logs'), named('crm', 'tells another CRM')];
    expect(() => createRegistry(handlers))
      .to.throw(ConfigurationError)
      .with.property('problems')
      .that.deep.equals(['handlers: two are named "crm", one that "tells the CRM" and one that "tells another CRM": rename one']);
  });
});
