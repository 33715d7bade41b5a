import fastify from 'fastify'

/** What every figure is a ratio to: the least that a Fastify server can do for the same request. */
const server = fastify({ logger: false })
server.get('/auth', (_request, reply) => reply.code(200).send())
await server.listen({ host: '127.0.0.1', port: Number(process.argv[2]) })
