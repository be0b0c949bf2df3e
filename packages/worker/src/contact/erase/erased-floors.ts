/** The floors: whoever is taking them from log and bodies, which are empty by now, comes to its end first. */
import { inTransaction } from '../../db/transaction.js';
import { floorsLock } from '../../projection/sql/upsert-floors.js';
import { deleted, type Place } from './place.js';

export const erasedFloors = (ofContact: string): Place => {
  const tables = [deleted('contact_floor', ofContact), deleted('contact_channel_floor', ofContact)];
  return {
    name: 'contact_floor, contact_channel_floor',
    async erase(parts, person, trial) {
      if (!trial) await inTransaction(parts.dataSource, (client) => client.query(`select pg_advisory_xact_lock(${floorsLock})`));
      let erased = 0;
      for (const { erase } of tables) erased += await erase(parts, person, trial);
      return erased;
    },
  };
};
