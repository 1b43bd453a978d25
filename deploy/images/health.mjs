// Whether the process of this container is ready, as its exit code. What keeps it from its work is printed, and Docker
// keeps it: docker inspect --format '{{json .State.Health}}' NAME
const port = process.env.FLEETWALL_HTTP_PORT ?? '8686';
const timeoutMs = 8_000;

try {
  const answer = await fetch(`http://127.0.0.1:${port}/health/ready`, { signal: AbortSignal.timeout(timeoutMs) });
  if (!answer.ok) throw new Error(await answer.text());
} catch (error) {
  console.log(error.message);
  process.exitCode = 1;
}
