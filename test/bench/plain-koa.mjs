// What an ingress costs at least: Koa reads the body and answers; with a file as argument it writes it there and waits for the disk.
import { open } from 'node:fs/promises';
import Koa from 'koa';

const file = process.argv[2] === undefined ? undefined : await open(process.argv[2], 'a');
const app = new Koa();
app.use(async (context) => {
  const chunks = [];
  for await (const chunk of context.req) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  if (file !== undefined) {
    await file.appendFile(body);
    await file.datasync();
  }
  context.body = 'ok';
});
const server = app.listen(0, '127.0.0.1', () => process.send?.(server.address().port));
process.on('disconnect', () => process.exit(0));
