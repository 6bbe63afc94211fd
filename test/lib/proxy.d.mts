/** A TCP proxy that can lose its connections, as a bad network does. */
export class Proxy {
  /** Starts a proxy to the server at endpoint. */
  static start(endpoint: string): Promise<Proxy>
  /** Where the proxy listens, as http://localhost:port, or https as the server. */
  readonly endpoint: string
  /** Sends new connections to endpoint. */
  target(endpoint: string): void
  /** Resets every connection and refuses new ones until restore. */
  cut(): void
  /** Loses everything the server says on open connections, but the end of them. */
  deafen(): void
  restore(): void
  stop(): Promise<void>
}
