import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

interface Mount {
  type: string;
  target: string;
  read_only?: boolean;
}

interface Container {
  image?: string;
  user?: string;
  read_only?: boolean;
  restart?: string;
  stop_signal?: string;
  pids_limit?: number;
  mem_limit?: string;
  memswap_limit?: string;
  cap_drop?: string[];
  cap_add?: string[];
  security_opt?: string[];
  profiles?: string[];
  tmpfs?: string[];
  volumes?: (string | Mount)[];
  networks?: string[] | Record<string, { aliases?: string[] }>;
  ports?: string[];
  depends_on?: Record<string, { condition: string }>;
  [setting: string]: unknown;
}

const read = (name: string): string => readFileSync(new URL(`../../../${name}`, import.meta.url), 'utf8');
const { services, networks } = parse(read('docker-compose.yml'), { merge: true }) as {
  services: Record<string, Container>;
  networks: Record<string, { internal?: boolean } | null>;
};
const all = Object.entries(services);
const networksOf = ({ networks = [] }: Container): string[] => (Array.isArray(networks) ? networks : Object.keys(networks));
const isReadOnly = (volume: string | Mount): boolean =>
  typeof volume === 'string' ? volume.endsWith(':ro') : !!volume.read_only;

describe('containers of docker-compose.yml', () => {
  it('are those that are known here', () => {
    expect(Object.keys(services)).to.have.members([
      'redis',
      'postgres',
      'roles',
      'migrate',
      'ingress',
      'ingress-2',
      'worker',
      'haproxy',
      'caddy',
    ]);
  });

  for (const [name, container] of all) {
    it(`${name} can gain no privilege`, () => {
      expect(container.security_opt).to.include('no-new-privileges:true');
      for (const back of ['privileged', 'devices', 'pid', 'ipc', 'network_mode']) expect(container).to.not.have.property(back);
      // Its program carries this one and does not start without.
      expect(container.cap_add ?? []).to.deep.equal(name === 'caddy' ? ['NET_BIND_SERVICE'] : []);
    });

    it(`${name} is bounded in processes and memory, and does not swap`, () => {
      expect(container.pids_limit).to.be.greaterThan(0);
      expect(container.mem_limit).to.be.a('string');
      expect(container.memswap_limit).to.equal(container.mem_limit);
    });

    it(`${name} takes a SIGHUP from Docker for no wish to stop`, () => {
      expect(container.stop_signal).to.match(/^SIG(TERM|INT|USR1)$/);
      expect(container.restart).to.equal(['migrate', 'roles'].includes(name) ? 'no' : 'always');
    });
  }

  // Redis and PostgreSQL come as others make them: started by root, which prepares their volume, and gives itself up.
  for (const [name, container] of all.filter(([name]) => !['redis', 'postgres'].includes(name)))
    describe(name, () => {
      it('runs without a capability, as a plain user where it can', () => {
        const users: Record<string, string> = { haproxy: 'haproxy', roles: 'postgres' };
        if (name !== 'caddy') expect(container.user).to.equal(users[name] ?? 'node');
        expect(container.cap_drop).to.deep.equal(['ALL']);
      });

      it('has a read-only file system: it writes to memory alone', () => {
        expect(container.read_only).to.be.true;
        const kept = (container.volumes ?? []).filter((volume) => !isReadOnly(volume));
        expect(kept).to.deep.equal(name === 'caddy' ? ['caddy-data:/data', 'caddy-config:/config'] : []);
        for (const memory of container.tmpfs ?? []) expect(memory, 'memory without a bound').to.include('size=');
      });

      it('is told no secret by its command line', () => {
        for (const place of [container.command, container.healthcheck, container.entrypoint])
          expect(JSON.stringify(place ?? '')).to.not.match(/(?<!\$)\$\{[^}]*(PASSWORD|TOKEN|SECRET)/);
      });
    });

  it('each connect as a role of their own, and none as superuser but who makes the roles', () => {
    const urls = (name: string) =>
      Object.fromEntries(
        Object.entries((services[name]?.environment ?? {}) as Record<string, string>)
          .filter(([variable]) => variable.endsWith('_URL'))
          .map(([variable, url]) => [variable, /\/\/(\w*)/.exec(url)?.[1]]),
      );
    expect(urls('migrate')).to.deep.equal({ DATABASE_URL: 'vidhuk_owner', QUEUE_URL: 'worker' });
    for (const name of ['ingress', 'ingress-2'])
      expect(urls(name)).to.deep.equal({ QUEUE_URL: 'ingress', READ_DATABASE_URL: 'vidhuk_ingress' });
    expect(urls('worker')).to.deep.equal({
      DATABASE_URL: 'vidhuk_worker',
      QUEUE_URL: 'worker',
      SUPPORT_DATABASE_URL: 'vidhuk_support_vidhuk',
    });
    const told = all.filter(([, { environment = {} }]) => JSON.stringify(environment).includes('{POSTGRES_PASSWORD'));
    expect(told.map(([name]) => name)).to.deep.equal(['postgres', 'roles']);
  });

  it('get no secret of another: none gets all of .env, and an ingress none of the worker’s', () => {
    const files = Object.fromEntries(
      all.flatMap(([name, { env_file }]) => (env_file === undefined ? [] : [[name, [env_file].flat()]])),
    );
    const [ofIngress, ofWorker] = ['secrets/ingress.env', 'secrets/worker.env'];
    expect(files).to.deep.equal({
      migrate: [ofIngress, ofWorker],
      ingress: [ofIngress],
      'ingress-2': [ofIngress],
      worker: [ofIngress, ofWorker],
    });
  });

  it('have Redis read its password from a file', () => {
    expect(JSON.stringify(services.redis)).to.not.include('PASSWORD');
    expect(services.redis?.command).to.include('/run/secrets/redis.conf');
  });

  it('are reached by the ports of HAProxy and Caddy only; HAProxy’s on this machine only, unless told otherwise', () => {
    const published = all.filter(([, { ports }]) => ports !== undefined);
    expect(published.map(([name]) => name)).to.deep.equal(['haproxy', 'caddy']);
    for (const port of services.haproxy?.ports ?? []) expect(port).to.match(/^\$\{\w+:-127\.0\.0\.1\}:/);
    expect(services.caddy?.profiles).to.deep.equal(['tls']);
  });

  it('reach the world only where that is their work', () => {
    expect(networks.back?.internal).to.be.true;
    const outside = all.filter(([, container]) => networksOf(container).some((network) => networks[network]?.internal !== true));
    expect(outside.map(([name]) => name)).to.deep.equal(['worker', 'haproxy', 'caddy']);
    expect(networksOf(services.haproxy ?? {})).to.include('back');
    expect(networksOf(services.caddy ?? {})).to.not.include('back');
  });

  it('are two ingresses of one name, the second after the first', () => {
    for (const name of ['ingress', 'ingress-2'])
      expect(services[name]?.networks).to.deep.equal({ back: { aliases: ['ingress'] } });
    expect(services['ingress-2']?.depends_on).to.deep.include({ ingress: { condition: 'service_healthy' } });
  });

  it('leave HAProxy where it is when others are made anew', () => {
    expect(services.haproxy).to.not.have.property('depends_on');
    expect(services.haproxy).to.not.have.property('build');
  });
});

describe('the image', () => {
  const stages = read('Dockerfile').split(/^FROM /m);
  const last = stages.at(-1) ?? '';

  it('is made from exact versions, and runs beside such', () => {
    const bases = [...read('Dockerfile').matchAll(/^FROM (\S+:\S+)/gm)].map(([, image]) => image);
    const others = all.map(([, { image }]) => image).filter((image) => image?.startsWith('vidhuk:') === false);
    expect(bases).to.have.length.of.at.least(2);
    for (const image of [...bases, ...others]) expect(image).to.match(/^[a-z]+:\d+\.\d+(\.\d+)?(-|$)/);
    for (const image of [...bases, ...others]) if (!image?.startsWith('postgres:')) expect(image).to.match(/:\d+\.\d+\.\d+(-|$)/);
  });

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

  it('has a folder of each package that it is built from', () => {
    for (const [, name] of last.matchAll(/^COPY --from=build \/app\/packages\/(\w+)\/dist/gm))
      expect(stages[1], `its manifest is missing: ${name}`).to.include(`packages/${name}/package.json`);
  });
});
