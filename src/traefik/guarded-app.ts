/** What a proxy has to know of an app. */
export interface GuardedApp {
  readonly name: string
  /** Empty: reachable as `/auth/<app>` only. */
  readonly hosts: readonly string[]
  /** Segment prefixes, such as `/` and `/admin`. */
  readonly paths: readonly string[]
  /** Lower-case names of the headers that its policy can emit. Absent where no version of it serves, so that nobody knows. */
  readonly emittableNames?: ReadonlySet<string>
}
