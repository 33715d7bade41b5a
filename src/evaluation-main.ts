import type { EvaluationRequest } from './engine/evaluation-message.ts'
import { createEvaluationServer } from './engine/serve-evaluations.ts'

/**
 * The entry of an evaluation process: it answers the process that started it, and ends with it. Evaluations that may be
 * endless run here, because WebAssembly cannot be interrupted in its own thread and a thread that is ended in the midst of
 * it may bring down its whole process.
 */
const answer = createEvaluationServer()
process.on('message', (request: EvaluationRequest) => {
  void answer(request).then((reply) => process.send?.(reply))
})
process.on('disconnect', () => process.exit(0))
