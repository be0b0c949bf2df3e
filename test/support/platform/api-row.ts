/** An activity as the platform's API writes it: other names, less of it. */
import type { Random } from '../../../packages/simulator/src/random.js';
import type { TrueActivity } from './truth.js';

export interface ApiSpelling {
  /** Whether rows have `hardBounce`. */
  hardBounce: 'always' | 'never' | 'sometimes';
  /** Channels and statuses as other pages of the vendor write them. */
  manySpellings: boolean;
}

const mediaTypes: Readonly<Record<string, string>> = {
  webpush: 'Web Push',
  mobilepush: 'Mobile Push',
  inapp: 'In-App',
  telegrambot: 'Telegram',
  email: 'Email',
};

export function toApiRow(activity: TrueActivity, offset: string, spelling: ApiSpelling, random: Random): Record<string, unknown> {
  const { webpush, mobilepush, statusData: _, abTestVariant: __, conversion: ___, hardBounce, ...rest } = activity;
  const isTold = spelling.hardBounce === 'always' || (spelling.hardBounce === 'sometimes' && random.chance(0.5));
  const { mediaType, activityStatus } = activity;
  return {
    ...rest,
    ...(webpush === undefined ? {} : { webPushToken: webpush }),
    ...(mobilepush === undefined ? {} : { mobPushToken: mobilepush }),
    ...(hardBounce === undefined || !isTold ? {} : { hardBounce }),
    mediaType: spelling.manySpellings && random.chance(0.5) ? (mediaTypes[mediaType] ?? mediaType) : mediaType,
    activityStatus: spelling.manySpellings && activityStatus === 'READ' && random.chance(0.5) ? 'RECEIVED' : activityStatus,
    externalRequestId: null,
    offset,
  };
}
