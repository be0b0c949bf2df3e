/**
 * Every place that can hold something of a person, in the order in which they are emptied: what tells who it was goes last, so that an erasure that was
 * interrupted can be done again. A new table or queue that can hold such things gets its line here; a test walks through all of them.
 */
import { erasedBodies } from './erased-bodies.js';
import { erasedJobs } from './erased-jobs.js';
import { erasedRejections } from './erased-rejections.js';
import { erasedFloors } from './erased-floors.js';
import { erasedFollowUps } from './erased-follow-ups.js';
import { erasedRequests } from './erased-requests.js';
import { blanked, deleted, type Place } from './place.js';

const ofContact = 't.source = person.source and t.contact_id = any(person.ids)';

export const places: readonly Place[] = [
  blanked(
    'activity',
    ofContact,
    `contact_id = null, iid = null, message_instance_id = null, workflow_instance_id = null, status_description = null, click_event_link = null, subscriptions = null`,
  ),
  erasedJobs,
  erasedBodies,
  erasedRejections,
  erasedFollowUps,
  erasedRequests,
  erasedFloors(ofContact),
  deleted('contact_channel_status', ofContact),
  deleted('contact_status', ofContact),
];

/** What no statement of ours reaches. */
export const beyondReach: readonly string[] = [
  'backups and dumps of the database and of the queue, until they are replaced',
  'the write-ahead log and replicas, until they have caught up and old files are gone; rows that are dead, until PostgreSQL vacuums them',
  'before PostgreSQL 18: what its statistics remember of a month, or of follow-ups and broken elements, of which no row is left',
  'what follow-up actions have told others: your CRM, and whoever they call',
  'the platform itself, and files that were exported from here',
];
