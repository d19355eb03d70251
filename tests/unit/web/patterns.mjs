// Reads patterns from stdin as JSON, {name: [source, flags]}, and prints those that are slow: {name: what they are slow on}.
// A text is made of one or two of the signs that stand in a pattern, and perhaps a letter, again and again, and may end with one that does not.
const { patterns } = JSON.parse(await new Response(process.stdin).text());
const SIZES = [12, 16, 20, 24, 28, 32, 64, 256, 1000, 4000, 16_000];
const MOST = 12;
const slow = {};
for (const [name, [source, flags]] of Object.entries(patterns)) {
  const pattern = new RegExp(source, flags.includes("g") ? flags : `${flags}g`);
  const signs = [...new Set(`${source.replace(/\\[a-zA-Z]?/g, "").slice(0, 24)} \na`)];
  const units = signs.flatMap(one => [one, ...signs.flatMap(other => [one + other, `${one}${other}a`])]);
  slow[name] = units.find(unit =>
    ["", "\0"].some(end => SIZES.some(size => taken(pattern, unit.repeat(size / unit.length) + end) > MOST + size / 1000)),
  );
}
console.log(JSON.stringify(slow));

/** Milliseconds of the processor, the least of a few tries. */
function taken(pattern, text) {
  let least = Infinity;
  for (let tries = 0; tries < 4 && least > MOST; tries++) {
    const began = process.cpuUsage();
    text.replace(pattern, "");
    const { user } = process.cpuUsage(began);
    least = Math.min(least, user / 1000);
  }
  return least;
}
