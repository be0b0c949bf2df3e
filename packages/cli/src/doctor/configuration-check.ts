/** The check whether the processes that run here run what stands in the configuration file. */
import { messageOf } from '@vidhuk/shared';
import { askConfiguration } from '../in-force/ask-configuration.js';
import { compareWithFile, fileFingerprint } from '../in-force/compare-with-file.js';
import { info, type Check, type Finding } from './check.js';

export const configurationCheck: Check = {
  name: 'configuration in force',
  needs: [],
  async look({ environment, variables }) {
    const { configPath, admin, ingress } = environment;
    const { token } = admin;
    if (token === undefined) return [info('without ADMIN_TOKEN no process tells which configuration it runs')];
    const fingerprint = await fileFingerprint(environment, variables);
    const ask = async (name: string, address: typeof ingress): Promise<Finding[]> => {
      try {
        return compareWithFile(name, await askConfiguration(address, token), configPath, fingerprint);
      } catch (error) {
        return [info(`the ${name} does not tell: ${messageOf(error)}`)];
      }
    };
    return (await Promise.all([ask('ingress', ingress), ask('worker', admin)])).flat();
  },
};
