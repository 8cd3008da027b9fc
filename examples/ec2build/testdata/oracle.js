// Gives the opinion of the reference implementation of JSONata and of
// asl-validator. The first argument is the folder node_modules with both.
// Standard input: {"definition": ..., "evaluations": [{"expression", "variables"}]}.
// Standard output: {"valid": ..., "report": ..., "results": [{"value"} or {"error"}]}.
const crypto = require("crypto");
const fs = require("fs");
const path = require("path");
const modules = process.argv[2];
const jsonata = require(path.join(modules, "jsonata"));
const validate = require(path.join(modules, "asl-validator"));

async function main() {
  const input = JSON.parse(fs.readFileSync(0, "utf8"));
  const report = validate(input.definition);
  const compiled = new Map();
  const results = [];
  for (const { expression, variables } of input.evaluations) {
    try {
      if (!compiled.has(expression)) {
        const e = jsonata(expression);
        e.registerFunction("hash", (text, algorithm) =>
          crypto.createHash(algorithm.toLowerCase().replace("-", "")).update(text).digest("hex"));
        e.registerFunction("parse", (text) => JSON.parse(text));
        compiled.set(expression, e);
      }
      const value = await compiled.get(expression).evaluate(undefined, variables);
      results.push(value === undefined ? { error: "undefined" } : { value });
    } catch (e) {
      results.push({ error: String(e.message || e) });
    }
  }
  process.stdout.write(JSON.stringify({ valid: report.isValid, report: report.errorsText ? report.errorsText() : "", results }));
}
main();
