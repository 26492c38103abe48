// An agency's own software on the province's data exchange, without any library: offers a service, uses one, takes events.
import { createPublicKey, timingSafeEqual, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:https";

const env = process.env, seen = new Set(), log = (...words) => console.log(...words);
const households = { "H-001": { code: "H-001", status: "poor" } }; // stands for the agency's own database
const openapi = {
  openapi: "3.1.0", info: { title: "Hộ nghèo", version: "1" },
  paths: { "/households/{code}": { get: { parameters: [{ name: "code", in: "path", required: true, schema: { type: "string" } }],
    responses: { 200: { description: "Hộ" }, 404: { description: "Không có" } } } } },
};

// 1. OFFER: the gateway alone may call (its certificate is pinned), and only for the systems named here.
export const isGateway = (socket) => {
  const shown = Buffer.from((socket.getPeerCertificate().fingerprint256 ?? "").replaceAll(":", "").toLowerCase());
  const known = Buffer.from(env.GATEWAY_FINGERPRINT);
  return shown.length === known.length && timingSafeEqual(shown, known);
};
export function answer(request) {
  const client = request.headers["x-road-client"] ?? "", code = /^\/households\/([^/?]+)$/.exec(request.url)?.[1];
  log(request.headers["x-road-id"], client, request.headers["x-road-userid"] ?? "-", request.method, request.url);
  if (request.method === "GET" && request.url === "/openapi.json") return [200, openapi];
  if (!env.ALLOWED_CLIENTS.split(",").includes(client)) return [403, { code: "CLIENT_NOT_ALLOWED" }];
  if (request.method !== "GET" || !code) return [404, { code: "NO_SUCH_ADDRESS" }];
  return households[code] ? [200, households[code]] : [404, { code: "NO_SUCH_HOUSEHOLD" }];
}

// 2. USE: one call through the gateway; an error of the exchange is told apart from an answer of the provider.
export async function ask(service, path, { officer, issue } = {}) {
  const headers = { "X-Road-Client": env.CLIENT, Authorization: `Bearer ${env.TOKEN}` };
  if (officer) headers["X-Road-UserId"] = officer;
  if (issue) headers["X-Road-Issue"] = issue;
  const found = await fetch(`${env.GATEWAY}/r1/${service}${path}`, { headers, redirect: "manual", signal: AbortSignal.timeout(30_000) });
  const body = await found.json(), error = found.headers.get("x-road-error");
  if (error) throw new Error(`${error}: ${body.message}`);
  return { status: found.status, body, id: found.headers.get("x-road-id"), hash: found.headers.get("x-road-request-hash") };
}

// 3. TAKE EVENTS: signed with Ed25519 over id.timestamp.body; old ones are refused, doubles dropped.
export function take(headers, body, now = Date.now() / 1000) {
  const id = headers["webhook-id"], stamp = headers["webhook-timestamp"];
  if (Math.abs(now - Number(stamp)) > 300) return 400;
  const raw = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), Buffer.from(env.EVENT_KEY, "base64")]);
  const key = createPublicKey({ key: raw, format: "der", type: "spki" }), signed = Buffer.concat([Buffer.from(`${id}.${stamp}.`), body]);
  const holds = (headers["webhook-signature"] ?? "").split(" ").some((one) => one.startsWith("v1a,") && verify(null, signed, key, Buffer.from(one.slice(4), "base64")));
  if (!holds) return 401;
  if (!seen.has(id)) log("event", JSON.parse(body).type, JSON.parse(body).subject); // keep the id with the work, in one transaction
  seen.add(id);
  return 200;
}

if (env.PORT) createServer({ key: readFileSync(env.KEY), cert: readFileSync(env.CERT), ca: readFileSync(env.CA), requestCert: true }, (request, response) => {
  const [status, body] = isGateway(request.socket) ? answer(request) : [403, { code: "NOT_THE_GATEWAY" }];
  response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
}).listen(Number(env.PORT), env.HOST ?? "0.0.0.0", () => log("ready"));
