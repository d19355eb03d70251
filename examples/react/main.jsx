// A React app around the shell: its basket is a function that pages may ask for.
//
//     npm install react react-dom esbuild ./path/to/silverprint/web
//     npx esbuild main.jsx --bundle --format=esm --jsx=automatic --outfile=main.js
//     python -m http.server 9000 --bind 127.0.0.1                  silverprint serve --allow-origin http://127.0.0.1:9000
import { useMemo, useRef, useState } from "react";
import { createRoot } from "react-dom/client";
import { Silverprint } from "silverprint-shell/react";

function App() {
  const [basket, setBasket] = useState([]);
  const [title, setTitle] = useState("");
  const shell = useRef(null);
  const add = name => setBasket(all => [...all, String(name).slice(0, 80)]);
  const functions = useMemo(() => ({ basket: { run: add, about: "put something into your basket" } }), []);
  return (
    <>
      <header>
        <button onClick={() => shell.current.prompt("a to-do app with sorting")}>Ask</button>
        <output>{title}</output>
        <ul>{basket.map((name, index) => <li key={index}>{name}</li>)}</ul>
      </header>
      <Silverprint
        shell={shell}
        service="http://127.0.0.1:8017/"
        world="app"
        functions={functions}
        onCommit={({ detail }) => setTitle(detail.title)}
      />
    </>
  );
}

createRoot(document.querySelector("#root")).render(<App />);
