// The conditions and amounts of a package (CEL), as far as a computer without a line can decide them. What it cannot
// decide (an answer that is missing, a function only the server has) is `undecided`, never a guess.

export const undecided = Symbol("undecided");

class Undecided extends Error {}
const TOKEN = /\s*(?:(\d+(?:\.\d+)?)|("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|([A-Za-z_]\w*)|(&&|\|\||[=!<>]=|[-+*/%<>!?:.,()[\]]))/gy;
const LEVELS = [["||"], ["&&"], ["==", "!=", "<", "<=", ">", ">=", "in"], ["+", "-"], ["*", "/", "%"]];
const MACROS = new Set(["exists", "all", "exists_one", "filter", "map"]);
const known = new Map();

function tokens(source) {
  const found = [];
  TOKEN.lastIndex = 0;
  const text = source.trimEnd();
  while (TOKEN.lastIndex < text.length) {
    const hit = TOKEN.exec(text);
    if (!hit) throw new Undecided();
    if (hit[1]) found.push({ kind: "value", value: Number(hit[1]) });
    else if (hit[2]) found.push({ kind: "value", value: hit[2].slice(1, -1).replace(/\\(.)/g, "$1") });
    else if (["true", "false", "null"].includes(hit[3])) found.push({ kind: "value", value: { true: true, false: false, null: null }[hit[3]] });
    else found.push({ kind: hit[3] && hit[3] !== "in" ? "name" : "sign", value: hit[3] ?? hit[4] });
  }
  return found;
}

/** Read an expression into a function of its variables. */
function parse(source) {
  const list = tokens(source);
  let at = 0;
  const is = (sign) => list[at]?.kind === "sign" && list[at].value === sign;
  const eat = (sign) => { if (!is(sign)) throw new Undecided(); at += 1; };
  const until = (end) => {
    const found = [];
    while (!is(end)) { found.push(choice()); if (!is(end)) eat(","); }
    eat(end);
    return found;
  };
  const name = () => { if (list[at]?.kind !== "name") throw new Undecided(); at += 1; return list[at - 1].value; };

  function choice() {
    const test = level(0);
    if (!is("?")) return test;
    at += 1;
    const yes = choice();
    eat(":");
    const no = choice();
    return (scope) => (truth(test(scope)) ? yes(scope) : no(scope));
  }
  function level(depth) {
    if (depth === LEVELS.length) return unary();
    let left = level(depth + 1);
    while (list[at]?.kind === "sign" && LEVELS[depth].includes(list[at].value)) {
      const sign = list[at].value;
      at += 1;
      const [one, other] = [left, level(depth + 1)];
      left = (scope) => binary(sign, one, other, scope);
    }
    return left;
  }
  function unary() {
    if (is("!")) { at += 1; const inner = unary(); return (scope) => !truth(inner(scope)); }
    if (is("-")) { at += 1; const inner = unary(); return (scope) => -number(inner(scope)); }
    return members();
  }
  function members() {
    let of = primary();
    for (;;) {
      if (is("[")) { at += 1; const [index] = until("]"); const before = of; of = (scope) => member(before(scope), index(scope)); continue; }
      if (!is(".")) return of;
      at += 1;
      const key = name();
      const before = of;
      if (!is("(")) { of = (scope) => member(before(scope), key); continue; }
      at += 1;
      if (MACROS.has(key)) {
        const variable = name();
        eat(",");
        const [body] = until(")");
        of = (scope) => macro(key, before(scope), (item) => body({ ...scope, [variable]: item }));
      } else {
        const given = until(")");
        of = (scope) => call(key, [before, ...given].map((part) => part(scope)));
      }
    }
  }
  function primary() {
    const token = list[at];
    if (token?.kind === "value") { at += 1; return () => token.value; }
    if (is("(")) { at += 1; const inner = choice(); eat(")"); return inner; }
    if (is("[")) { at += 1; const parts = until("]"); return (scope) => parts.map((part) => part(scope)); }
    const word = name();
    if (!is("(")) return (scope) => member(scope, word);
    at += 1;
    const given = until(")");
    return (scope) => call(word, given.map((part) => part(scope)));
  }

  const made = choice();
  if (at !== list.length) throw new Undecided();
  return made;
}

function truth(value) { if (typeof value !== "boolean") throw new Undecided(); return value; }
function number(value) { if (typeof value !== "number") throw new Undecided(); return value; }
function array(value) { if (!Array.isArray(value)) throw new Undecided(); return value; }
function member(of, key) {
  if (of === null || typeof of !== "object" || !Object.hasOwn(of, key) || of[key] === undecided) throw new Undecided();
  return of[key];
}

// Either side may decide alone, as CEL has it: false && anything, true || anything.
function either(one, other, scope, deciding) {
  let left;
  try { left = truth(one(scope)); } catch (problem) {
    if (problem instanceof Undecided && truth(other(scope)) === deciding) return deciding;
    throw problem;
  }
  return left === deciding ? deciding : truth(other(scope));
}

function binary(sign, one, other, scope) {
  if (sign === "&&") return either(one, other, scope, false);
  if (sign === "||") return either(one, other, scope, true);
  const [a, b] = [one(scope), other(scope)];
  if (sign === "==") return a === b;
  if (sign === "!=") return a !== b;
  if (sign === "in") return array(b).includes(a);
  if (sign === "+" && typeof a === "string" && typeof b === "string") return a + b;
  if (["<", "<=", ">", ">="].includes(sign) && (typeof a !== typeof b || !["number", "string"].includes(typeof a))) throw new Undecided();
  switch (sign) {
    case "<": return a < b;
    case "<=": return a <= b;
    case ">": return a > b;
    case ">=": return a >= b;
    case "+": return number(a) + number(b);
    case "-": return number(a) - number(b);
    case "*": return number(a) * number(b);
    default: break;
  }
  if (number(b) === 0 || !Number.isInteger(number(a)) || !Number.isInteger(b)) throw new Undecided();
  return sign === "/" ? Math.trunc(a / b) : a % b;
}

function macro(key, of, body) {
  const items = array(of);
  if (key === "map") return items.map(body);
  if (key === "filter") return items.filter((item) => truth(body(item)));
  if (key === "all") return items.every((item) => truth(body(item)));
  if (key === "exists") return items.some((item) => truth(body(item)));
  return items.filter((item) => truth(body(item))).length === 1;
}

function call(word, given) {
  if (word === "size") return typeof given[0] === "string" ? [...given[0]].length : array(given[0]).length;
  if (word === "total") return array(given[0]).filter((item) => typeof item === "number").reduce((sum, item) => sum + item, 0);
  if (word === "ceil") return Math.ceil(number(given[0]));
  if (word === "int") return Math.trunc(number(given[0]));
  throw new Undecided();
}

/** The value of an expression, or `undecided`. */
export function evaluate(source, scope) {
  try {
    if (!known.has(source)) known.set(source, parse(source));
    return known.get(source)(scope);
  } catch (problem) {
    if (problem instanceof Undecided) return undecided;
    throw problem;
  }
}

/** Whether a condition holds: true, false, or `undecided`; one that is not written always holds. */
export function holds(source, scope) {
  if (!source) return true;
  const value = evaluate(source, scope);
  return typeof value === "boolean" ? value : undecided;
}

/** What was typed, as conditions see it: by the shapes of the form's fields, unanswered questions null. */
export function answersOf(shapes, pairs) {
  const given = new Map();
  for (const [path, value] of pairs) given.set(path, [...(given.get(path) ?? []), value]);
  return answersAt(shapes, "", given);
}

function answersAt(shapes, prefix, given) {
  const found = Object.create(null);
  for (const [key, shape] of Object.entries(shapes)) found[key] = answerAt(shape, prefix + key, given);
  return found;
}

function answerAt(shape, path, given) {
  if (shape === "computed") return undecided;
  if (shape === "several") return (given.get(path) ?? []).filter(Boolean);
  if (typeof shape === "object") {
    const below = `${path}.`;
    const indexes = [...new Set([...given.keys()].filter((name) => name.startsWith(below)).map((name) => name.slice(below.length).split(".")[0]))];
    if (!shape.repeats) return answersAt(shape.fields, below, given);
    const rows = indexes.filter((index) => /^\d+$/.test(index)).sort((a, b) => a - b).map((index) => answersAt(shape.fields, `${below}${index}.`, given));
    return rows.filter((row) => Object.values(row).some((value) => value !== null && value !== undecided && value?.length !== 0));
  }
  if (shape === "address") return { province_code: said(given, `${path}.province_code`), commune_code: said(given, `${path}.commune_code`), detail: said(given, `${path}.detail`) };
  const value = said(given, path);
  if (value === null) return shape === "declaration" ? false : null;
  if (shape === "declaration") return true;
  if (shape === "date") return value.replace(/^(\d{2})\/(\d{2})\/(\d{4})$/, "$3-$2-$1");
  if (shape === "money") return /^[\d.\s]+$/.test(value) ? Number(value.replace(/[.\s]/g, "")) : undecided;
  if (shape === "number") return /^-?\d+(?:[.,]\d+)?$/.test(value) ? Number(value.replace(",", ".")) : undecided;
  return value;
}

const said = (given, path) => given.get(path)?.at(-1)?.trim() || null;
