// Evaluates expressions of JSONata, one JSON string a line, for states_moto.py. The first
// argument is the folder node_modules.
const crypto = require("crypto");
const path = require("path");
const readline = require("readline");
const jsonata = require(path.join(process.argv[2], "jsonata"));

readline.createInterface({ input: process.stdin }).on("line", async (line) => {
  let answer;
  try {
    const e = jsonata(JSON.parse(line));
    e.registerFunction("hash", (text, algorithm) =>
      crypto.createHash(algorithm.toLowerCase().replace("-", "")).update(text).digest("hex"));
    e.registerFunction("parse", (text) => JSON.parse(text));
    const value = await e.evaluate(undefined);
    answer = value === undefined ? { error: "undefined" } : { value };
  } catch (e) {
    answer = { error: String(e.message || e) };
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
});
