// What the Node clients share: the request, and the protocol on stdin and stdout.
// A job is a line of JSON on stdin: {"url", "how", "thinking", "tools"}, and if the client is to retry as it does by
// default, "defaults"; "timeout" is in seconds, by default 10. Its answer is a line of JSON on stdout.
// The first line on stdout is READY: the client is imported.
import { createInterface } from "node:readline";

console.log = console.info = console.error; // stdout is for answers alone

export const KEY = "none";
export const PROMPT = "Go on.";
export const SCHEMA = { type: "object", properties: { location: { type: "string" } }, additionalProperties: true };
export const TOOLS = ["get_weather", "get_calendar", "get_bike_battery"];
export const BUDGET = 1024;

// An empty answer, to be filled in as the stream comes. What came before an error is kept.
export const nothing = () => ({ text: "", thinking: "", tools: [], stop: null, error: null });

// The client's options: no retries, unless the job is for its defaults, and a timeout under the name `timeout`.
export const limits = (job, timeout) => ({
  ...(!job.defaults && { maxRetries: 0 }),
  ...(timeout && { [timeout]: 1000 * (job.timeout ?? 10) }),
});

export async function work(client) {
  process.stdout.write("READY\n");
  for await (const line of createInterface({ input: process.stdin })) {
    const answer = nothing();
    try {
      await client(JSON.parse(line), answer);
    } catch (error) {
      answer.class = error.constructor.name;
      answer.error = `${error.constructor.name}: ${error.message}`;
    }
    process.stdout.write(JSON.stringify(answer) + "\n");
  }
}
