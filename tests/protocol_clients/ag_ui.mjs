// Two runs in one thread with AG-UI's own client: node ag_ui.mjs URL TOKEN; prints what it made of them as JSON.
import { HttpAgent } from "@ag-ui/client";

const [url, token] = process.argv.slice(2);
const agent = new HttpAgent({ url, threadId: "thread", headers: { authorization: `Bearer ${token}` }, initialState: { mine: 1 } });
const runs = [];
for (const content of ["a page about tides", "make it dark"]) {
  agent.addMessage({ id: `ask-${runs.length}`, role: "user", content });
  const events = [],
    seen = [];
  let failure = "";
  const { result } = await agent.runAgent(
    {},
    {
      onEvent: ({ event }) => void events.push(event.type),
      onActivityDeltaEvent: ({ activityMessage }) => void seen.push(activityMessage?.content),
      onRunErrorEvent: ({ event }) => void (failure = event.message),
    },
  );
  runs.push({ events, failure, result, seen: seen.length, messages: agent.messages, state: agent.state });
}
console.log(JSON.stringify(runs));
