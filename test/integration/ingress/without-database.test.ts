import { expect } from 'chai';
import { send } from '../../support/http.js';
import { endServices, startService } from '../../support/processes.js';
import { openStores } from '../../support/stores.js';

const config = (workflows: string) =>
  `sources: { main: { tokens: [test-token-test-token], workflows: ${workflows} } }
queue: { allowVolatile: true }
actions: [{ name: tell, run: http-request, with: { url: "https://crm.example.com", secret: "\${CRM_SECRET}" } }]
`;

describe('An ingress whose queue is in Redis', () => {
  afterEach(endServices);

  it('needs neither a database nor the secrets of actions', async () => {
    const stores = await openStores('redis');
    const ingress = await startService('ingress', { ...stores, databaseUrl: '', config: config('{ paid: {} }') });
    const url = `${await ingress.address()}/webhooks/esputnik/main/test-token-test-token`;
    expect((await send(url, { method: 'POST', body: '[]' })).status).to.equal(200);
    expect(await ingress.stop()).to.equal(0);
    await stores.drop();
  });

  it('says which hooks need one', async () => {
    const stores = await openStores('redis');
    const asks = config('{ may-we-write: { answer: contact } }');
    const ingress = await startService('ingress', { ...stores, databaseUrl: '', config: asks });
    expect(await ingress.exited).to.equal(78);
    expect(ingress.text()).to.include('sources.main.workflows.may-we-write: \\"answer: contact\\" needs READ_DATABASE_URL');
    await stores.drop();
  });
});
