// Exit code 0 once the first policies are in service. Asks the admin listener from inside, so it can stay on loopback.
const listen = process.env.REGATE_ADMIN_LISTEN ?? '127.0.0.1:4183'
const address = listen.replace(/^0\.0\.0\.0:/, '127.0.0.1:').replace(/^\[::\]:/, '[::1]:')
const answer = await fetch(`http://${address}/readyz`, { signal: AbortSignal.timeout(2500) }).catch(
  () => undefined,
)
process.exitCode = answer?.ok ? 0 : 1
