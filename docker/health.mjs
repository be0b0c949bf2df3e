/**
 * The containers' health check: `node docker/health.mjs PORT` exits 0 when /health/ready on that port answers 200. It prints the answer either
 * way, so that `docker inspect` tells which part is not ready.
 */
const url = `http://127.0.0.1:${process.argv[2] ?? ''}/health/ready`;
try {
  const answer = await fetch(url, { signal: AbortSignal.timeout(8_000) });
  console.log(await answer.text());
  process.exitCode = answer.ok ? 0 : 1;
} catch (error) {
  console.log(`${url}: ${String(error?.cause ?? error)}`);
  process.exitCode = 1;
}
