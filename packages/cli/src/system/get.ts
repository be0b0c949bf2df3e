/** GET of a process of Vidhuk. `fetch` refuses ports at which one may well listen (6000, 10080), and undici takes a tenth of a second to load. */
import { get as request, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { text as textOf } from 'node:stream/consumers';

export interface Answer {
  status: number;
  text: string;
}

/** Rejects with the reason of `signal` where that ends it, else with the error of the connection. */
export async function get(url: string, signal: AbortSignal, headers: OutgoingHttpHeaders = {}): Promise<Answer> {
  const asked = request(url, { headers, signal, agent: false });
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      asked.once('response', resolve).on('error', reject); // after the response as well: what ends that ends its text
      asked.once('close', () => reject(new Error('it closes the connection without an answer'))); // to another protocol (101)
    });
    return { status: response.statusCode ?? 0, text: await textOf(response) };
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}
