/** Requests to our own server: JSON in, JSON out, with the CSRF token the page carries. */

export class HttpError extends Error {
  constructor(status, body) {
    super(body?.detail ?? `The server answered ${status}.`);
    this.status = status;
    this.body = body ?? {};
  }
}

/** The cookie rather than what the page came with: signing in again in another window changes the token. */
export function csrfToken() {
  const token = /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)?.[1];
  return token ?? JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
}

const csrfHeader = () => ({ "X-CSRFToken": csrfToken() });

function unreachable(error) {
  if (error.name === "AbortError") throw error;
  throw new Error("The server could not be reached. Check the connection and try again.");
}

const SIGNED_OUT = "You are signed out. Sign in again in another window; what you typed stays here and is saved then.";

/** A page answers with the login form, the API with a 401 or, for sessions, a 403 that says so. */
function isSignedOut(response, body) {
  const notAuthenticated = response.status === 403 && /^Authentication credentials/.test(body?.detail);
  return response.status === 401 || notAuthenticated || (body === null && response.redirected);
}

/** Rejects with HttpError for an answer that is not ok, with a plain Error when there was no answer at all. */
async function request(url, options) {
  const response = await fetch(url, { credentials: "same-origin", ...options }).catch(unreachable);
  const isJson = response.headers.get("content-type")?.includes("json");
  const body = isJson ? await response.json() : null;
  if (isSignedOut(response, body)) throw new Error(SIGNED_OUT);
  if (!response.ok) throw new HttpError(response.status, body);
  return body;
}

export const get = (url) => request(url, {});

/** `options` of fetch, such as a signal to give the answer up by. */
export const post = (url, body, options = {}) =>
  request(url, {
    ...options,
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Surface": "grid", ...csrfHeader() },
    body: JSON.stringify(body),
  });

/** crypto.randomUUID only exists in secure contexts; a plain-HTTP intranet is not one. */
export function uniqueId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
