/** GET of a process of Vidhuk. `fetch` refuses ports at which one may well listen (6000, 10080), and undici takes a tenth of a second to load. */
import { get as request, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';

export interface Answer {
  status: number;
  text: string;
}

/** Bytes; whatever answers with more is none of ours. */
const longestText = 2 ** 20;

/** Rejects with the reason of `signal` where that ends it, else with the error of the connection. */
export async function get(url: string, signal: AbortSignal, headers: OutgoingHttpHeaders = {}): Promise<Answer> {
  // Node would ask port 80.
  if (new URL(url).port === '0') throw new Error('port 0 stands for any free one, and which one that is, is not known here');
  const asked = request(url, { headers, signal, agent: false });
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      asked.once('response', resolve).on('error', reject); // after the response as well: what ends that ends its text
      asked.once('close', () => reject(new Error('it closes the connection without an answer'))); // to another protocol (101)
    });
    return { status: response.statusCode ?? 0, text: await readText(response) };
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}

async function readText(response: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > longestText) throw new Error('it answers with more than 1 MiB'); // which ends the connection
  }
  return Buffer.concat(chunks).toString();
}
