/** Whether the ingress and the worker of this machine run what stands in the configuration file. */
import { messageOf, type Address, type Environment, type Variables } from '@vidhuk/shared';
import { info, type Finding } from '../doctor/check.js';
import { askConfiguration } from './ask-configuration.js';
import { compareWithFile, fileFingerprint } from './compare-with-file.js';

/** A finding of the level "info" where a process does not tell. Rejects when the file cannot be read. */
export async function examineInForce(environment: Environment, variables: Variables): Promise<Finding[]> {
  const { configPath, admin, ingress } = environment;
  const { token } = admin;
  if (token === undefined) return [info('without ADMIN_TOKEN no process tells which configuration it runs')];
  const ask = async (name: 'ingress' | 'worker', address: Address): Promise<Finding[]> => {
    const fingerprint = await fileFingerprint(environment, variables, name);
    try {
      return compareWithFile(name, await askConfiguration(address, token), configPath, fingerprint);
    } catch (error) {
      return [info(`the ${name} does not tell: ${messageOf(error)}`)];
    }
  };
  return (await Promise.all([ask('ingress', ingress), ask('worker', admin)])).flat();
}
