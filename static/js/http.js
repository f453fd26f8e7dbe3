/** Requests to our own server: JSON in, JSON out, with the CSRF token the page carries. */

export class HttpError extends Error {
  constructor(status, body) {
    super(body?.detail ?? `The server answered ${status}.`);
    this.status = status;
    this.body = body ?? {};
  }
}

const csrfHeader = () => JSON.parse(document.body.getAttribute("hx-headers"));

const unreachable = () => { throw new Error("The server could not be reached. Check the connection and try again."); };

/** Rejects with HttpError for an answer that is not ok, with a plain Error when there was no answer at all. */
async function request(url, options) {
  const response = await fetch(url, { credentials: "same-origin", ...options }).catch(unreachable);
  const isJson = response.headers.get("content-type")?.includes("json");
  const body = isJson ? await response.json() : null;
  if (!response.ok) throw new HttpError(response.status, body);
  if (!isJson && response.redirected) throw new HttpError(403, { detail: "You are signed out. Sign in again in another window; your edits stay here." });
  return body;
}

export const get = (url) => request(url, {});

export const post = (url, body) =>
  request(url, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Surface": "grid", ...csrfHeader() },
    body: JSON.stringify(body),
  });
