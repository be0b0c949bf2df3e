import type { DataSource } from 'typeorm';

export interface WaitingCount {
  reason: string;
  movesFlag: boolean;
  count: number;
}

/** How many elements wait, of each reason, and how many of them would have moved a flag. */
export const countWaiting = (dataSource: DataSource): Promise<WaitingCount[]> =>
  dataSource.query<WaitingCount[]>(
    `select reason, moves_flag as "movesFlag", count(*)::integer as count
     from vidhuk.rejected_activity where resolved_at is null group by reason, moves_flag order by reason, moves_flag`,
  );
