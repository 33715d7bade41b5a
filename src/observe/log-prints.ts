import type { DecisionRecord } from '../decision/decision-record.ts'
import type { Logger } from './create-logger.ts'

/**
 * Writes what the policy printed, a line each, with the id of the decision, at level `debug`. Printed texts are treated like
 * every other field: no text can break a line, tokens in them are masked, long ones are cut.
 */
export function logPrints(logger: Pick<Logger, 'debug'>, { id, decision }: DecisionRecord): void {
  for (const text of decision.printed ?? [])
    logger.debug({ id, app: decision.app, text }, 'printed by the policy')
}
