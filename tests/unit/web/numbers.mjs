// Calls functions of the kit's numbers.js and lines.js: reads {source, calls: [[name, ...arguments]]} from stdin and prints what each gave.
const { source, calls } = JSON.parse(await new Response(process.stdin).text());
const functions = new Function(`${source}\nreturn { item, seriesOf, words, sampled, ticks };`)();
console.log(JSON.stringify(calls.map(([name, ...given]) => functions[name](...given))));
