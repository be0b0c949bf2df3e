/** Where messages come from: bulk sends that come and go, and workflows that run all the time. */
import type { Random } from './random.js';

/** What all messages of one bulk send or of one workflow block have in common. */
export interface Campaign {
  mediaType: string;
  messageName: string | undefined;
  messageId: number;
  messageInstanceId: number;
  messageTag: string | undefined;
  /** Bulk sends only. */
  broadcastId: number | undefined;
  /** Workflows only. */
  workflow: { id: number; blockId: string; eventTypeKey: string } | undefined;
}

/** What the vendor's API enumerates, besides e-mail. */
const OTHER_MEDIA_TYPES = ['viber', 'sms', 'webpush', 'mobilepush', 'telegrambot', 'widget', 'appinbox', 'inapp'] as const;
const NAMES = [
  'Літній розпродаж',
  'Welcome series 1',
  'Покинутий кошик',
  'test',
  'Price drop “-20 %”',
  'Digest / тиждень',
] as const;
const TAGS = ['tag2,tag,test', 'promo', 'promo, літо ,vip', 'trigger,cart'] as const;
const EVENT_TYPES = ['productViewed', 'cartAbandoned', 'orderCreated', 'registered'] as const;
/** Every second one by e-mail, two on each other channel: even a short run shows them all. */
const WORKFLOWS = 32;

/** Hands out the campaign of each new message; keeps a fixed number of them. */
export class Campaigns {
  readonly #random: Random;
  readonly #workflows: Campaign[];
  #bulk: Campaign;
  #bulkLeft = 0;

  constructor(random: Random) {
    this.#random = random;
    this.#workflows = Array.from({ length: WORKFLOWS }, (_, index) =>
      this.#workflow(index % 2 === 0 ? 'email' : (OTHER_MEDIA_TYPES[(index >> 1) % OTHER_MEDIA_TYPES.length] ?? 'email')),
    );
    this.#bulk = this.#bulkSend();
  }

  /** Six messages in ten belong to the bulk send under way; a send has 200 to 2,000 messages. */
  next(): Campaign {
    if (this.#random.chance(0.4)) return this.#workflows[this.#random.integer(0, WORKFLOWS - 1)] ?? this.#bulk;
    if (this.#bulkLeft-- <= 0) {
      this.#bulk = this.#bulkSend();
      this.#bulkLeft = this.#random.integer(200, 2_000);
    }
    return this.#bulk;
  }

  #bulkSend(): Campaign {
    const mediaType = this.#random.chance(0.7) ? 'email' : this.#random.pick(OTHER_MEDIA_TYPES);
    return { ...this.#message(mediaType), broadcastId: this.#random.integer(3_000_000, 3_999_999), workflow: undefined };
  }

  #workflow(mediaType: string): Campaign {
    const workflow = {
      id: this.#random.integer(300_000, 399_999),
      blockId: `_${this.#random.hex(4)}`,
      eventTypeKey: this.#random.pick(EVENT_TYPES),
    };
    return { ...this.#message(mediaType), broadcastId: undefined, workflow };
  }

  #message(mediaType: string) {
    const random = this.#random;
    return {
      mediaType,
      // Test messages have no name, says the vendor's table.
      messageName: random.chance(0.05) ? undefined : random.pick(NAMES),
      messageId: random.integer(2_000_000, 3_999_999),
      messageInstanceId: random.integer(4_000_000, 4_999_999),
      messageTag: random.chance(0.4) ? random.pick(TAGS) : undefined,
    };
  }
}
