/** The name server of the workers, which knows one name, and may fall silent. Only root can give it to processes that are to ask it. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';

/** Of the endpoint, for whoever asks this server. */
export const receiverName = 'receiver.faults.test';

const port = 53;
/** Of this process alone: several runs may go on at once. */
const address = `127.${(process.pid >> 8) & 0xff}.${process.pid & 0xff}.53`;

/** Types of records (RFC 1035): the only one that is known here. */
const typeA = 1;
const localhost = Buffer.from([127, 0, 0, 1]);

export class NameServer {
  /** It hears and says nothing. */
  silent = false;

  private constructor(private readonly socket: Socket) {
    socket.on('message', (question, { port, address }) => {
      if (!this.silent) socket.send(answerTo(question), port, address);
    });
  }

  /** Undefined where it cannot be opened, or nobody can be made to ask it. */
  static async open(): Promise<NameServer | undefined> {
    if (process.platform !== 'linux' || process.getuid?.() !== 0) return undefined;
    const socket = createSocket('udp4');
    try {
      socket.bind(port, address);
      await once(socket, 'listening');
      return new NameServer(socket);
    } catch {
      return undefined; // the port is taken
    }
  }

  /** Writes a resolv.conf that names this server alone. */
  async writeSettings(path: string): Promise<void> {
    await writeFile(path, `nameserver ${address}\noptions timeout:1 attempts:2\n`);
  }

  async close(): Promise<void> {
    this.socket.close();
    await once(this.socket, 'close');
  }
}

/** To any question for an address of version 4: this machine's. To others: there is none. The message is the question with its answer behind it (RFC 1035, section 4.1). */
function answerTo(question: Buffer): Buffer {
  let end = 12;
  while ((question[end] ?? 0) !== 0) end += (question[end] ?? 0) + 1;
  const type = question.readUInt16BE(end + 1);
  const isKnown = type === typeA;
  const head = Buffer.from(question.subarray(0, 12));
  head.writeUInt16BE(0x8180, 2); // an answer, without an error
  head.writeUInt16BE(isKnown ? 1 : 0, 6);
  head.writeUInt32BE(0, 8); // no further sections
  const asked = question.subarray(12, end + 5);
  // The name by a pointer to the question, type, class, a time to live of 0, and the length of what follows.
  const record = Buffer.concat([Buffer.from([0xc0, 12, 0, typeA, 0, 1, 0, 0, 0, 0, 0, 4]), localhost]);
  return Buffer.concat(isKnown ? [head, asked, record] : [head, asked]);
}
