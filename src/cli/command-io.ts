/** What a command needs of the process. `main.ts` gives it; a test gives its own. */
export interface CommandIo {
  readonly stdout: (text: string) => void
  readonly stderr: (text: string) => void
  /** Where log lines go: a file descriptor, or a file that is appended to. */
  readonly logTarget: number | string
  readonly environment: Readonly<Record<string, string | undefined>>
  /** The working folder, absolute. */
  readonly folder: string
  /** Runs at every signal of that name, which then no longer ends the process by itself. */
  readonly onSignal: (name: SignalName, run: () => void) => void
  /** Runs before the process ends because of an error that nobody caught. */
  readonly onCrash: (run: (error: unknown) => void) => void
  /** Ends the process at once. */
  readonly exit: (code: number) => void
}

export type SignalName = 'SIGTERM' | 'SIGINT' | 'SIGHUP'
