// What the QR of a paper says, read and checked in the browser, without a line: the same format as the server's
// (apps/signatures/rules/papercode.py). Old browsers have no Ed25519 of their own; for them it is worked out here.

const HEAD = 5, SIGNATURE = 64, DAY = 2, MARK = 12;
const EPOCH = Date.UTC(2000, 0, 1);
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const text = new TextEncoder();

/** Code and payload in what was scanned or pasted, or null. */
export function parts(scanned) {
  const found = /\/KT\/([0-9A-Z]{16,32})\/([A-Z2-7]{100,1100})\/?$/i.exec(scanned.trim());
  return found && { code: found[1].toLowerCase(), payload: found[2].toUpperCase() };
}

function bytesOf(payload) {
  const out = [];
  let held = 0, bits = 0;
  for (const letter of payload) {
    held = (held << 5) | ALPHABET.indexOf(letter);
    bits += 5;
    if (bits >= 8) { bits -= 8; out.push((held >> bits) & 255); held &= (1 << bits) - 1; }
  }
  // One spelling only: what is left over must be nothing.
  return bits >= 5 || held ? null : Uint8Array.from(out);
}

const hex = (bytes) => Array.from(bytes, (one) => one.toString(16).padStart(2, "0")).join("");
const fromHex = (words) => Uint8Array.from(words.match(/../g), (pair) => parseInt(pair, 16));

/** The facts, or why there are none: "unreadable", "unknown_key", "altered". `keys` are those of the well-known address. */
export async function check({ code, payload }, keys) {
  const raw = bytesOf(payload);
  if (!raw || raw.length < HEAD + SIGNATURE + DAY + MARK + 4 || raw[0] !== 1) return { problem: "unreadable" };
  const key = keys.find((one) => one.id === hex(raw.slice(1, HEAD)));
  if (!key) return { problem: "unknown_key" };
  const head = raw.slice(0, HEAD), signature = raw.slice(HEAD, HEAD + SIGNATURE), body = raw.slice(HEAD + SIGNATURE);
  const message = Uint8Array.from([...text.encode("tinhso-paper\0"), ...head, ...text.encode(code), 0, ...body]);
  if (!(await verify(fromHex(key.public), signature, message))) return { problem: "altered" };
  const facts = factsOf(body);
  return facts ? { facts: { code, ...facts } } : { problem: "unreadable" };
}

function factsOf(body) {
  const days = body[0] * 256 + body[1];
  const texts = [];
  let at = DAY + MARK;
  for (let index = 0; index < 4; index += 1) {
    const end = at + 1 + body[at];
    if (!(end <= body.length)) return null;
    texts.push(new TextDecoder().decode(body.slice(at + 1, end)));
    at = end;
  }
  if (at !== body.length) return null;
  const day = days ? new Date(EPOCH + days * 86400000) : null;
  const issued = day ? [day.getUTCDate(), day.getUTCMonth() + 1].map((n) => String(n).padStart(2, "0")).join("/") + `/${day.getUTCFullYear()}` : "";
  return { kind: texts[0], number: texts[1], issuer: texts[2], holder: texts[3], issued, mark: hex(body.slice(DAY, DAY + MARK)) };
}

/** Whether a name, as it is printed on the paper, is the one the code was made for. */
export async function isName(facts, name) {
  const plain = name.toLowerCase().replace(/đ/g, "d").normalize("NFD").replace(/\p{M}/gu, "").split(/\s+/).filter(Boolean).join(" ");
  const digest = await crypto.subtle.digest("SHA-256", text.encode(`tinhso-name\0${facts.code}\0${plain}`));
  return hex(new Uint8Array(digest).slice(0, MARK)) === facts.mark;
}

export async function verify(key, signature, message) {
  try {
    const known = await crypto.subtle.importKey("raw", key, { name: "Ed25519" }, false, ["verify"]);
    return await crypto.subtle.verify({ name: "Ed25519" }, known, signature, message);
  } catch {
    return verifyHere(key, signature, message);
  }
}

// Ed25519 (RFC 8032) with plain numbers: only checking, nothing secret, some tens of milliseconds.
const P = 2n ** 255n - 19n, L = 2n ** 252n + 27742317777372353535851937790883648493n;
const mod = (a, m = P) => ((a % m) + m) % m;
function power(base, exponent) {
  let result = 1n, square = mod(base);
  for (let left = exponent; left > 0n; left >>= 1n) { if (left & 1n) result = mod(result * square); square = mod(square * square); }
  return result;
}
const invert = (a) => power(a, P - 2n);
const D = mod(-121665n * invert(121666n)), ROOT = power(2n, (P - 1n) / 4n);
const number = (bytes) => bytes.reduceRight((sum, one) => (sum << 8n) | BigInt(one), 0n);

function point(bytes) {
  const raw = number(bytes), sign = raw >> 255n, y = raw & ((1n << 255n) - 1n);
  if (y >= P) return null;
  const u = mod(y * y - 1n), v = mod(D * y * y + 1n), square = mod(u * invert(v));
  let x = power(square, (P + 3n) / 8n);
  if (mod(x * x) !== square) x = mod(x * ROOT);
  if (mod(x * x) !== square || (x === 0n && sign)) return null;
  if ((x & 1n) !== sign) x = P - x;
  return [x, y, 1n, mod(x * y)];
}
function add([x1, y1, z1, t1], [x2, y2, z2, t2]) {
  const a = mod((y1 - x1) * (y2 - x2)), b = mod((y1 + x1) * (y2 + x2)), c = mod(2n * t1 * t2 * D), d = mod(2n * z1 * z2);
  const e = b - a, f = d - c, g = d + c, h = b + a;
  return [mod(e * f), mod(g * h), mod(f * g), mod(e * h)];
}
function times(scalar, from) {
  let result = [0n, 1n, 1n, 0n], double = from;
  for (let left = scalar; left > 0n; left >>= 1n) { if (left & 1n) result = add(result, double); double = add(double, double); }
  return result;
}
const BASE_Y = mod(4n * invert(5n));
const BASE = point(Uint8Array.from({ length: 32 }, (_, index) => Number((BASE_Y >> BigInt(8 * index)) & 255n)));

export async function verifyHere(key, signature, message) {
  const a = point(key), r = point(signature.slice(0, 32)), s = number(signature.slice(32));
  if (!a || !r || s >= L) return false;
  const digest = await crypto.subtle.digest("SHA-512", Uint8Array.from([...signature.slice(0, 32), ...key, ...message]));
  const h = mod(number(new Uint8Array(digest)), L);
  const [x1, y1, z1] = times(s, BASE), [x2, y2, z2] = add(r, times(h, a));
  return mod(x1 * z2 - x2 * z1) === 0n && mod(y1 * z2 - y2 * z1) === 0n;
}
