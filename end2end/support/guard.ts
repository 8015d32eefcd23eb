// Notes everything that goes wrong in a page; what a test has not declared fails it.
import { expect, type Page } from '@playwright/test';

/** Chromium's words for a server that is not there, and what one answers that is about to end, or nginx when none is behind it. */
const OUTAGE = /^answer 50[234]: |Unexpected response code: 50[234]|ERR_(CONNECTION_REFUSED|CONNECTION_RESET|CONNECTION_CLOSED|EMPTY_RESPONSE|SOCKET_NOT_CONNECTED|INCOMPLETE_CHUNKED_ENCODING)|Connection closed before receiving a handshake response/;

export class Guard {
  private readonly noted: string[] = [];
  private readonly allowed = [
    // A page whose connection was ended asks whether its session is over, and may be left before it is told.
    /^answer 403: GET \/rest\/pusher\/key$/,
    // What one has read is noted a moment later, and then every tab reads the room in its list anew. By then one may have signed out.
    /^answer 401: POST \/api\/(readings\/mark|rooms\/reload)$/,
    // A page on which one signs out at once may only just be asking for its live updates.
    /^answer 40[13]: POST \/rest\/pusher\/(auth|notices)$/,
  ];
  private readonly expected: RegExp[] = [];

  watch(page: Page): void {
    page.on('console', (message) => {
      const repeats = message.text().startsWith('Failed to load resource: the server responded with a status of');
      if (['error', 'warning'].includes(message.type()) && !repeats) {
        this.noted.push(`console ${message.type()}: ${message.text()} (${message.location().url})`);
      }
    });
    page.on('pageerror', (error) => this.noted.push(`page error: ${error.stack ?? error.message}`));
    page.on('requestfailed', (request) => {
      const reason = request.failure()?.errorText ?? 'unknown';
      // A page that is left gives up its requests.
      if (reason !== 'net::ERR_ABORTED') {
        this.noted.push(`request failed: ${request.method()} ${new URL(request.url()).pathname} ${reason}`);
      }
    });
    page.on('response', (answer) => {
      if (answer.status() >= 400) {
        this.noted.push(`answer ${answer.status()}: ${answer.request().method()} ${new URL(answer.url()).pathname}`);
      }
    });
  }

  /** This answer has to come, once or more often. */
  expect(status: number, path: string): void {
    this.expected.push(new RegExp(`^answer ${status}: [A-Z]+ ${path.replaceAll(/[.?]/g, '\\$&')}$`));
  }

  /** This may be noted. */
  allow(...patterns: RegExp[]): void {
    this.allowed.push(...patterns);
  }

  /** The test stops the server: the page may find that nobody is there. */
  allowOutage(): void {
    this.allow(OUTAGE);
  }

  check(who: string): void {
    const declared = [...this.allowed, ...this.expected];
    const surprises = this.noted.filter((note) => !declared.some((pattern) => pattern.test(note)));
    expect(surprises, `what went wrong in the page of ${who}`).toEqual([]);
    const missing = this.expected.filter((pattern) => !this.noted.some((note) => pattern.test(note)));
    expect(missing.map(String), `what should have been answered to ${who}`).toEqual([]);
  }
}
