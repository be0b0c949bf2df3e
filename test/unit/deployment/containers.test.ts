import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

interface Container {
  user?: string;
  read_only?: boolean;
  cap_drop?: string[];
  security_opt?: string[];
  privileged?: boolean;
  tmpfs?: string[];
  volumes?: string[];
  ports?: string[];
  [setting: string]: unknown;
}

const read = (name: string): string => readFileSync(new URL(`../../../${name}`, import.meta.url), 'utf8');
const { services } = parse(read('docker-compose.yml'), { merge: true }) as { services: Record<string, Container> };

describe('containers of docker-compose.yml', () => {
  it('are those that are known here', () => {
    expect(Object.keys(services)).to.have.members(['redis', 'postgres', 'migrate', 'ingress', 'worker', 'gateway']);
  });

  for (const [name, container] of Object.entries(services))
    it(`${name} can gain no privilege`, () => {
      expect(container.security_opt).to.include('no-new-privileges:true');
      for (const back of ['cap_add', 'privileged', 'devices', 'pid', 'ipc', 'network_mode'])
        expect(container).to.not.have.property(back);
    });

  // Redis and PostgreSQL come as others make them: started by root, which prepares their volume, and gives itself up.
  for (const [name, container] of Object.entries(services).filter(([name]) => !['redis', 'postgres'].includes(name)))
    describe(name, () => {
      it('runs as a plain user without a capability', () => {
        expect(container.user).to.equal('node');
        expect(container.cap_drop).to.deep.equal(['ALL']);
      });

      it('has a read-only file system: it writes to memory alone', () => {
        expect(container.read_only).to.be.true;
        for (const volume of container.volumes ?? []) expect(volume).to.match(/:ro$/);
        for (const memory of container.tmpfs ?? []) expect(memory, 'memory without a bound').to.include('size=');
      });

      it('is told no secret by its command line', () => {
        for (const place of [container.command, container.healthcheck, container.entrypoint])
          expect(JSON.stringify(place ?? '')).to.not.match(/(?<!\$)\$\{[^}]*(PASSWORD|TOKEN|SECRET)/);
      });
    });

  it('are reached by the gateway’s ports only, and these on this machine only, unless told otherwise', () => {
    const published = Object.entries(services).filter(([, { ports }]) => ports !== undefined);
    expect(published.map(([name]) => name)).to.deep.equal(['gateway']);
    for (const port of services.gateway?.ports ?? []) expect(port).to.match(/^\$\{\w+:-127\.0\.0\.1\}:/);
  });
});

describe('the image', () => {
  const stages = read('Dockerfile').split(/^FROM /m);
  const last = stages.at(-1) ?? '';

  it('runs as a plain user, whoever starts it', () => {
    expect(last.match(/^USER (.*)$/gm)).to.deep.equal(['USER node']);
  });

  it('leaves its files to root', () => {
    expect(last).to.not.match(/--chown|chmod|chown/);
  });

  it('takes no secret at its build', () => {
    expect(read('Dockerfile')).to.not.match(/^(ARG|ENV) .*(TOKEN|PASSWORD|SECRET)/m);
    const [first, ...allowed] = read('.dockerignore')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    expect(first, 'everything is left out but what is named').to.equal('*');
    expect(allowed.join('\n')).to.not.match(/^!.*\.(env|git|pem|key)/m);
  });
});
